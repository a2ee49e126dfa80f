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
  token: string;
  user_id: string;
  mailbox_proven: boolean;
}

const MAX_CONCURRENT_BATCHES = 2;
const MAX_TOKENS = 500;
/** Above this number of entries the cache is emptied, and signatures are checked anew. */
const MAX_SIGNED = 1000;

/**
 * Finds the session that a request carries, with one query, because every request pays for it. better-auth's own check
 * takes two queries and several milliseconds. Concurrent requests share the query. Sessions are made and ended by
 * better-auth.
 */
export class SessionLookup {
  private readonly sessions: BatchLoader<Session>;
  private readonly secret: KeyObject;
  /** Credentials whose signature was right, with their tokens: a client sends the same one with each request. */
  private readonly signed = new LRUCache<string, string>({ max: MAX_SIGNED });

  constructor(database: Database, secret: string) {
    this.secret = createSecretKey(secret, 'utf8');
    const query = async (tokens: string[]): Promise<Session[]> =>
      database
        .kysely<AccountTables>()
        .selectFrom('account_session')
        .select(['token', 'user_id', 'mailbox_proven'])
        .where(sql<boolean>`token = any(${lines(tokens)})`)
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
   * The personId behind a bearer token or a session cookie; null when no session holds. Of several cookies the first
   * that holds counts.
   */
  async personOf(headers: SessionHeaders): Promise<string | null> {
    return (await this.sessionOf(headers))?.user_id ?? null;
  }

  /** The session itself; undefined when none holds. */
  async sessionOf(headers: SessionHeaders): Promise<Session | undefined> {
    const tokens = this.tokensIn(headers);
    if (tokens.length === 0) return undefined;
    const sessions = await this.sessions.read(tokens);
    return tokens.map((token) => sessions.get(token)?.[0]).find((session) => session !== undefined);
  }

  /** The session tokens in a request that carry our signature, as the table has them. Their sessions may have ended. */
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

function credentialsIn({ authorization, cookie }: SessionHeaders): string[] {
  if (!authorization) return cookiesNamed(cookie, SESSION_COOKIE);
  const bearer = bearerToken(authorization);
  return bearer === undefined ? [] : [bearer];
}
