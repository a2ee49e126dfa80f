import { Injectable } from '@nestjs/common';
import type { Database } from '../../shared/database/database.js';
import type { CookieAttributes } from '../../shared/http/cookies.js';
import { normaliseEmail, type EmailAddress } from '../../shared/mail/email-address.js';
import { People } from '../people/people.contract.js';
import type { AccountTables } from './account-tables.js';
import { Accounts, NO_PERSON } from './accounts.js';
import { SESSION_COOKIE, type Authentication } from './authentication.js';
import type { KnownBrowsers } from './known-browsers.js';
import { Passwords } from './passwords.js';
import type { SessionHeaders, SessionLookup } from './session-lookup.js';
import { SignInLimits } from './sign-in-limits.js';

export interface OpenedSession {
  /** Signed; for `Authorization: Bearer`. */
  token: string;
  /** The same as Set-Cookie header values, for pages, and the cookie that makes the browser known. */
  cookies: string[];
}

/** Where a sign-in comes from. */
export interface SignInPlace {
  /** As `originOf` makes it. */
  origin: string;
  /** The request's Cookie header. */
  cookie: string | undefined;
}

interface SessionParts {
  database: Database;
  authentication: Authentication;
  lookup: SessionLookup;
  accounts: Accounts;
  passwords: Passwords;
  people: People;
  limits: SignInLimits;
  browsers: KnownBrowsers;
  cookies: CookieAttributes;
}

/**
 * Who is signed in. better-auth keeps the sessions. Addresses and passwords are checked here, because better-auth
 * refuses internationalised addresses and takes longer for known ones.
 */
@Injectable()
export class Sessions {
  constructor(private readonly parts: SessionParts) {}

  /**
   * Ends the session that the browser had, so that it isn't left open.
   * @throws RuleBroken `sign-in-failed`, `too-many-attempts`, `too-busy`
   */
  async signIn(email: string, password: string, { origin, cookie }: SignInPlace): Promise<OpenedSession> {
    const { limits, browsers } = this.parts;
    const normalised = normaliseEmail(email);
    const account = normalised ?? 'no address';
    const attempt = { account, origin, browser: browsers.idFor(account, cookie) };
    const personId = await limits.attempt(attempt, async () => this.verified(normalised, password));
    const session = await this.openFor(personId, account, cookie);
    await this.end({ cookie });
    return session;
  }

  /**
   * For an account whose owner has just been authenticated.
   * @param account its normalised address
   * @param cookie the request's Cookie header
   */
  async openFor(personId: string, account: string, cookie?: string): Promise<OpenedSession> {
    const { authentication, browsers, cookies } = this.parts;
    const { headers } = await authentication.api.openSession({
      body: { userId: personId },
      headers: new Headers(),
      returnHeaders: true,
    });
    const token = headers.get('set-auth-token');
    if (!token) throw new TypeError('no session token');
    return {
      token,
      cookies: [...cookies.clearOld(SESSION_COOKIE), ...headers.getSetCookie(), browsers.remember(account, cookie)],
    };
  }

  /** The personId behind a bearer token or session cookie; null when no session holds. */
  async whoIs(headers: SessionHeaders): Promise<string | null> {
    return this.parts.lookup.personOf(headers);
  }

  /** Whether a link mailed to the account's address was opened in this session. */
  async hasProvenMailbox(headers: SessionHeaders): Promise<boolean> {
    return (await this.parts.lookup.sessionOf(headers))?.mailbox_proven ?? false;
  }

  /**
   * Records that a link mailed to the account's address was opened in this session. Idempotent; does nothing without a
   * session.
   */
  async proveMailbox(headers: SessionHeaders): Promise<void> {
    const session = await this.parts.lookup.sessionOf(headers);
    if (session && !session.mailbox_proven) await this.parts.accounts.proveMailbox(session.token);
  }

  /**
   * Ends every session that the request carries.
   * @returns Set-Cookie header values that clear the cookie; the browser stays known
   */
  async signOut({ authorization, cookie }: SessionHeaders): Promise<string[]> {
    if (authorization) await this.end({ authorization });
    await this.end({ cookie });
    return this.parts.cookies.clear(SESSION_COOKIE);
  }

  private async end(headers: SessionHeaders): Promise<void> {
    const tokens = this.parts.lookup.tokensIn(headers);
    if (tokens.length > 0)
      await this.parts.database
        .kysely<AccountTables>()
        .deleteFrom('account_session')
        .where('token', 'in', tokens)
        .execute();
  }

  /** The personId, if there is an account with this password. Does the same work when there is none. */
  private async verified(email: EmailAddress | null, password: string): Promise<string | null> {
    const { people, accounts, passwords } = this.parts;
    const known = email ?? NO_PERSON.address;
    const personId = (await people.find([known])).get(known)?.personId ?? NO_PERSON.personId;
    return (await passwords.matches(password, await accounts.passwordOf(personId))) ? personId : null;
  }
}
