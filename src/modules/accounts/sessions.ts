import { Injectable } from '@nestjs/common';
import { SYSTEM } from '../../shared/event-sourcing/command-handling.js';
import type { CookieAttributes } from '../../shared/http/cookies.js';
import { normaliseEmail, type EmailAddress } from '../../shared/mail/email-address.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { type KnownPerson, People } from '../people/people.contract.js';
import { Accounts, NO_PERSON } from './accounts.js';
import { SESSION_COOKIE, type Authentication } from './authentication.js';
import type { KnownBrowsers } from './known-browsers.js';
import { Passwords } from './passwords.js';
import type { SecondFactor } from './second-factor.js';
import type { SessionHeaders, SessionLookup } from './session-lookup.js';
import type { NewSessionLimit } from './sessions/new-session-limit.js';
import type { SessionEnd, SessionStart } from './sessions/session.events.js';
import type { SessionRegister } from './sessions/session-register.js';
import type { FailureRecorder } from './sign-in-failures/failure-recorder.js';
import { SignInLimits } from './sign-in-limits.js';

/** Longer ones say nothing more about a device. */
const MAX_USER_AGENT = 300;

export interface OpenedSession {
  /** The token with our signature, for `Authorization: Bearer`. */
  token: string;
  /** Set-Cookie header values for pages: the session, and the cookie that makes the browser known. */
  cookies: string[];
}

/** The session in which a request is made. */
export interface CurrentSession {
  id: string;
  personId: string;
}

/** The origin of a sign-in. */
export interface SignInPlace extends Browser {
  /** As `originOf` makes it. */
  origin: string;
}

/** What a request says of the program that sent it: its headers Cookie and User-Agent. */
export interface Browser {
  cookie?: string | undefined;
  userAgent?: string | undefined;
}

interface SessionParts {
  authentication: Authentication;
  lookup: SessionLookup;
  accounts: Accounts;
  passwords: Passwords;
  people: People;
  limits: SignInLimits;
  failures: FailureRecorder;
  secondFactor: SecondFactor;
  newSessions: NewSessionLimit;
  register: SessionRegister;
  browsers: KnownBrowsers;
  cookies: CookieAttributes;
}

/**
 * Signs people in and out. better-auth keeps the sessions. This class checks addresses and passwords, because
 * better-auth refuses internationalised addresses and takes longer for known ones.
 */
@Injectable()
export class Sessions {
  constructor(private readonly parts: SessionParts) {}

  /**
   * Opens a session, and ends the session that the browser had.
   * @throws RuleBroken `sign-in-failed`, `second-factor-needed`, `too-many-attempts`, `too-busy`
   */
  async signIn(email: string, password: string, { origin, ...browser }: SignInPlace): Promise<OpenedSession> {
    const { limits, browsers, secondFactor } = this.parts;
    const normalised = normaliseEmail(email);
    const account = normalised ?? 'no address';
    const attempt = { account, origin, browser: browsers.idFor(account, browser.cookie) };
    const personId = await limits.attempt(attempt, async () => this.verified(normalised, password));
    if (await secondFactor.isNeeded(personId)) throw new RuleBroken('second-factor-needed');
    const session = await this.openFor(personId, account, 'password', browser);
    await this.end({ cookie: browser.cookie }, 'replaced');
    return session;
  }

  /**
   * Opens a session for a person who was just authenticated. Its start is stored before this resolves.
   * @param account the person's normalised address
   * @throws RuleBroken `too-many-attempts` with Retry-After; `sign-in-failed` when they closed the account since
   */
  async openFor(
    personId: string,
    account: string,
    by: SessionStart,
    { cookie, userAgent }: Browser = {},
  ): Promise<OpenedSession> {
    const { authentication, browsers, cookies, newSessions, register } = this.parts;
    await newSessions.count(personId);
    const { headers, response } = await authentication.api.openSession({
      body: { userId: personId },
      headers: new Headers(userAgent ? { 'user-agent': userAgent.slice(0, MAX_USER_AGENT) } : {}),
      returnHeaders: true,
    });
    const token = headers.get('set-auth-token');
    if (!token) throw new TypeError('better-auth returned no session token');
    await register.start(response.sessionId, personId, by);
    return {
      token,
      cookies: [...cookies.clearOld(SESSION_COOKIE), ...headers.getSetCookie(), browsers.remember(account, cookie)],
    };
  }

  /** The personId of the session that a bearer token or a cookie names; null without a valid one. */
  async whoIs(headers: SessionHeaders): Promise<string | null> {
    return this.parts.lookup.personOf(headers);
  }

  /** The session that a bearer token or a cookie names, and its person; null without a valid one. */
  async find(headers: SessionHeaders): Promise<CurrentSession | null> {
    const session = await this.parts.lookup.sessionOf(headers);
    return session ? { id: session.id, personId: session.user_id } : null;
  }

  /** Whether this session opened a link that was mailed to the account's address. */
  async hasProvenMailbox(headers: SessionHeaders): Promise<boolean> {
    return (await this.parts.lookup.sessionOf(headers))?.mailbox_proven ?? false;
  }

  /**
   * Records that this session opened a link that was mailed to the account's address. Idempotent; does nothing without
   * a session.
   */
  async proveMailbox(headers: SessionHeaders): Promise<void> {
    const session = await this.parts.lookup.sessionOf(headers);
    if (session && !session.mailbox_proven) await this.parts.accounts.proveMailbox(session.token);
  }

  /**
   * Ends every session that the request names.
   * @returns Set-Cookie header values that clear the cookie; the browser stays known
   */
  async signOut({ authorization, cookie }: SessionHeaders): Promise<string[]> {
    if (authorization) await this.end({ authorization }, 'signed-out');
    await this.end({ cookie }, 'signed-out');
    return this.parts.cookies.clear(SESSION_COOKIE);
  }

  /**
   * Set-Cookie header values for a browser in which a person closed their account: the session's cookie goes, and the
   * browser is no longer known for that account.
   */
  forget({ email }: Pick<KnownPerson, 'email'>, cookie: string | undefined): string[] {
    const { browsers, cookies } = this.parts;
    return [...cookies.clear(SESSION_COOKIE), ...browsers.forget(email, cookie)];
  }

  private async end(headers: SessionHeaders, how: SessionEnd): Promise<void> {
    const tokens = this.parts.lookup.tokensIn(headers);
    if (tokens.length === 0) return;
    const personId = await this.parts.lookup.personOf(headers);
    await this.parts.register.end(({ eb }) => eb('token', 'in', tokens), how, personId ?? SYSTEM);
  }

  /**
   * Checks the current password of a signed-in person. Failures count as failed sign-ins.
   * @throws RuleBroken `wrong-password`, `too-many-attempts`, `too-busy`
   */
  async mustKnowPassword(
    { personId, email }: Pick<KnownPerson, 'personId' | 'email'>,
    password: string,
    { origin, cookie }: SignInPlace,
  ): Promise<void> {
    const { limits, browsers } = this.parts;
    const attempt = { account: email, origin, browser: browsers.idFor(email, cookie) };
    try {
      await limits.attempt(attempt, async () => ((await this.isPasswordOf(personId, password)) ? true : null));
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'sign-in-failed') throw new RuleBroken('wrong-password');
      throw error;
    }
  }

  /** The personId of the account with this address and password, or null. Does the same work in both cases. */
  private async verified(email: EmailAddress | null, password: string): Promise<string | null> {
    const known = email ?? NO_PERSON.address;
    const personId = (await this.parts.people.find([known])).get(known)?.personId ?? NO_PERSON.personId;
    return (await this.isPasswordOf(personId, password)) ? personId : null;
  }

  /** Counts a wrong password. Does the same work for every person. */
  private async isPasswordOf(personId: string, password: string): Promise<boolean> {
    const { accounts, passwords, failures } = this.parts;
    const isRight = await passwords.matches(password, await accounts.passwordOf(personId));
    if (!isRight) failures.count(personId);
    return isRight;
  }
}
