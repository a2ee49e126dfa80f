import { createHmac, timingSafeEqual } from 'node:crypto';
import { getSessionCookie } from 'better-auth/cookies';
import type { Database } from '../database/database.js';
import type { AccountTables } from './account-tables.js';
import { COOKIE_PREFIX } from './authentication.js';

export interface SessionHeaders {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

/**
 * Whose session a request carries: better-auth's token and signature, checked here with one query because every request pays
 * for it (its own check takes two queries and several milliseconds). Making and ending sessions stays better-auth's.
 */
export class SessionLookup {
  constructor(
    private readonly database: Database,
    private readonly secret: string,
  ) {}

  /** The personId behind a bearer token or a session cookie; null when there is none that holds. */
  async personOf(headers: SessionHeaders): Promise<string | null> {
    const token = this.verified(credentialIn(headers));
    if (!token) return null;
    const row = await this.database
      .kysely<AccountTables>()
      .selectFrom('account_session')
      .select('user_id')
      .where('token', '=', token)
      .where('expires_at', '>', new Date().toISOString())
      .executeTakeFirst();
    return row?.user_id ?? null;
  }

  /** The session token, if our signature over it is right. */
  private verified(credential: string | null): string | null {
    const [token, signature, ...more] = credential?.split('.') ?? [];
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
