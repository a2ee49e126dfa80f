import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { getSessionCookie } from 'better-auth/cookies';
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import { GatheredReader } from '../database/gathered-reader.js';
import { lines } from '../database/lists.js';
import { Remembered } from '../remembered.js';
import type { AccountTables } from './account-tables.js';
import { COOKIE_PREFIX } from './authentication.js';

export interface SessionHeaders {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

interface Session {
  token: string;
  user_id: string;
}

const LANES = 2;
const MAX_TOKENS = 500;
/** Then they are checked anew. */
const MAX_SIGNED = 1000;

/**
 * Whose session a request carries: better-auth's token and signature, checked here with one query because every request pays
 * for it (its own check takes two queries and several milliseconds), requests that come together the same one. Making and ending sessions stays better-auth's.
 */
export class SessionLookup {
  private readonly sessions: GatheredReader<Session>;
  private readonly secret: KeyObject;
  /** Credentials whose signature was right a moment ago, and their tokens: whoever works here sends the same one with each request. */
  private readonly signed = new Remembered<string>(MAX_SIGNED);

  constructor(
    database: Database,
    secret: string,
  ) {
    this.secret = createSecretKey(secret, 'utf8');
    const query = async (tokens: string[]): Promise<Session[]> =>
      database
        .kysely<AccountTables>()
        .selectFrom('account_session')
        .select(['token', 'user_id'])
        .where(sql<boolean>`token = any(${lines(tokens)})`)
        .where('expires_at', '>', new Date().toISOString())
        .execute();
    this.sessions = new GatheredReader({ lanes: database.embedded ? 1 : LANES, most: MAX_TOKENS, query, keyOf: ({ token }) => token });
  }

  /** The personId behind a bearer token or a session cookie; null when there is none that holds. */
  async personOf(headers: SessionHeaders): Promise<string | null> {
    const token = this.verified(credentialIn(headers));
    if (!token) return null;
    return (await this.sessions.read([token])).get(token)?.[0]?.user_id ?? null;
  }

  /** The session token, if our signature over it is right. */
  private verified(credential: string | null): string | null {
    return credential === null ? null : this.signed.get(credential, () => this.signedToken(credential));
  }

  private signedToken(credential: string): string | null {
    const [token, signature, ...more] = credential.split('.');
    if (!token || !signature || more.length > 0) return null;
    const given = Buffer.from(signature, 'base64');
    const ours = createHmac('sha256', this.secret).update(token).digest();
    return given.length === ours.length && timingSafeEqual(given, ours) ? token : null;
  }
}

function credentialIn({ authorization, cookie }: SessionHeaders): string | null {
  if (authorization) return /^bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? null;
  return cookie ? decoded(getSessionCookie(new Headers({ cookie }), { cookiePrefix: COOKIE_PREFIX })) : null;
}

function decoded(text: string | null): string | null {
  try {
    return text === null ? null : decodeURIComponent(text);
  } catch {
    return null;
  }
}
