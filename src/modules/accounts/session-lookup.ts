import { LRUCache } from 'lru-cache';
import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../shared/database/database.js';
import { BatchLoader } from '../../shared/batching/batch-loader.js';
import { lines } from '../../shared/database/lists.js';
import { bearerToken } from '../../shared/http/bearer.js';
import { cookiesNamed } from '../../shared/http/cookies.js';
import type { AccountTables } from './account-tables.js';
import { SESSION_COOKIE } from './authentication.js';

export interface SessionHeaders {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

interface Session {
  id: string;
  token: string;
  user_id: string;
  mailbox_proven: boolean;
  used_at: string | null;
  created_at: string;
}

const MAX_CONCURRENT_BATCHES = 2;
const MAX_TOKENS = 500;
/** The most credentials in the cache of checked signatures. */
const MAX_SIGNED = 1000;
const NOTED_EVERY_MS = 60_000;

/**
 * Finds the session of a request. Every request needs this, and better-auth's own check takes two queries and several
 * milliseconds. This one takes one query, which concurrent requests share.
 */
export class SessionLookup {
  private readonly sessions: BatchLoader<Session>;
  private readonly secret: KeyObject;
  /**
   * Credentials with a valid signature, and their tokens. The cache helps because a client sends the same credential
   * with each request.
   */
  private readonly signed = new LRUCache<string, string>({ max: MAX_SIGNED });
  /** Tokens whose use this instance has noted just now, because concurrent calls read the same row. */
  private readonly noted = new LRUCache<string, true>({ max: MAX_SIGNED, ttl: NOTED_EVERY_MS });

  /** @param idleMs how long a session holds unused; null: as long as it lives */
  constructor(
    private readonly database: Database,
    secret: string,
    private readonly idleMs: number | null,
  ) {
    this.secret = createSecretKey(secret, 'utf8');
    const query = async (tokens: string[]): Promise<Session[]> =>
      database
        .kysely<AccountTables>()
        .selectFrom('account_session')
        .select(['id', 'token', 'user_id', 'mailbox_proven', 'used_at', 'created_at'])
        .where(sql<boolean>`token = any(${lines(tokens)})`)
        .where('state', '=', 'open')
        .where('expires_at', '>', new Date().toISOString())
        .execute();
    this.sessions = new BatchLoader({
      maxConcurrentBatches: database.embedded ? 1 : MAX_CONCURRENT_BATCHES,
      maxBatchSize: MAX_TOKENS,
      query,
      keyOf: ({ token }) => token,
    });
  }

  /**
   * The personId of the session that a bearer token or a cookie names; null without a valid one. Of several cookies the
   * first valid one counts.
   */
  async personOf(headers: SessionHeaders): Promise<string | null> {
    return (await this.sessionOf(headers))?.user_id ?? null;
  }

  /** The session itself; undefined without a valid one. */
  async sessionOf(headers: SessionHeaders): Promise<Session | undefined> {
    const tokens = this.tokensIn(headers);
    if (tokens.length === 0) return undefined;
    const sessions = await this.sessions.read(tokens);
    const session = tokens
      .map((token) => sessions.get(token)?.[0])
      .find((found) => found !== undefined && !this.isIdle(found));
    if (session) this.noteUse(session);
    return session;
  }

  private isIdle(session: Session): boolean {
    return this.idleMs !== null && lastUse(session) <= Date.now() - this.idleMs;
  }

  /** At most once a minute for each session. A use that isn't noted is harmless, so nobody waits for it. */
  private noteUse(session: Session): void {
    const now = Date.now();
    if (lastUse(session) > now - NOTED_EVERY_MS || this.noted.has(session.token)) return;
    this.noted.set(session.token, true);
    void this.database
      .kysely<AccountTables>()
      .updateTable('account_session')
      .set({ used_at: new Date(now).toISOString() })
      .where('token', '=', session.token)
      .execute()
      .catch(() => this.noted.delete(session.token));
  }

  /** The tokens in a request that have our signature, without that signature. Their sessions may have ended. */
  tokensIn(headers: SessionHeaders): string[] {
    return credentialsIn(headers)
      .map((credential) => this.tokenOf(credential))
      .filter((token) => token !== null);
  }

  private tokenOf(credential: string): string | null {
    const known = this.signed.get(credential);
    if (known !== undefined) return known;
    const token = this.signedToken(credential);
    if (token !== null) this.signed.set(credential, token);
    return token;
  }

  private signedToken(credential: string): string | null {
    const [token, signature, ...more] = credential.split('.');
    if (!token || !signature || more.length > 0) return null;
    const given = Buffer.from(signature, 'base64');
    const ours = createHmac('sha256', this.secret).update(token).digest();
    return given.length === ours.length && timingSafeEqual(given, ours) ? token : null;
  }
}

function lastUse({ used_at, created_at }: Session): number {
  return new Date(used_at ?? created_at).getTime();
}

function credentialsIn({ authorization, cookie }: SessionHeaders): string[] {
  if (!authorization) return cookiesNamed(cookie, SESSION_COOKIE);
  const bearer = bearerToken(authorization);
  return bearer === undefined ? [] : [bearer];
}
