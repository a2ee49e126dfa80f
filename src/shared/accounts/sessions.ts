import { Injectable } from '@nestjs/common';
import { RuleBroken } from '../problems/problem-codes.js';
import { normaliseEmail, type EmailAddress } from '../privacy/email-address.js';
import { People } from '../privacy/people.js';
import { accountEmail, Accounts } from './accounts.js';
import type { Authentication } from './authentication.js';
import type { SessionHeaders, SessionLookup } from './session-lookup.js';
import { SignInLimits } from './sign-in-limits.js';

export interface OpenedSession {
  /** Signed; for `Authorization: Bearer`. */
  token: string;
  /** The same as Set-Cookie header values, for pages. */
  cookies: string[];
}

/** Nobody's account: signing in to it takes as long as to a real one. */
const NOBODY = accountEmail('nobody');

/** Who is signed in. better-auth keeps the sessions; addresses are looked up here, because it refuses internationalised ones. */
@Injectable()
export class Sessions {
  constructor(
    private readonly authentication: Authentication,
    private readonly lookup: SessionLookup,
    private readonly accounts: Accounts,
    private readonly people: People,
    private readonly limits: SignInLimits,
  ) {}

  /** @param address the caller's socket address. @throws RuleBroken `sign-in-failed`, `too-many-attempts` */
  async signIn(email: string, password: string, address: string): Promise<OpenedSession> {
    const normalised = normaliseEmail(email);
    const account = normalised ?? 'no address';
    return this.limits.inTurn(account, async () => this.attempt(account, normalised, password, address));
  }

  private async attempt(account: string, normalised: EmailAddress | null, password: string, address: string): Promise<OpenedSession> {
    await this.limits.mustBeAllowed(account, address);
    const person = normalised ? (await this.people.find([normalised])).get(normalised) : undefined;
    const known = person !== undefined && (await this.accounts.exists(person.personId));
    const session = await this.open(known ? accountEmail(person.personId) : NOBODY, password);
    if (session) return session;
    await this.limits.countFailure(account, address);
    throw new RuleBroken('sign-in-failed');
  }

  /** For the account that was just made: its password was hashed a moment ago and needn't be again. */
  async openFor(personId: string): Promise<OpenedSession> {
    return opened(await this.authentication.api.openSession({ body: { userId: personId }, headers: new Headers(), returnHeaders: true }));
  }

  /** The personId behind a bearer token or session cookie; null when there is none that holds. */
  async whoIs(headers: SessionHeaders): Promise<string | null> {
    return this.lookup.personOf(headers);
  }

  /** @returns Set-Cookie header values that clear the cookie */
  async signOut(headers: SessionHeaders): Promise<string[]> {
    const answer = await this.authentication.api.signOut({ headers: toHeaders(headers), returnHeaders: true });
    return answer.headers.getSetCookie();
  }

  private async open(email: string, password: string): Promise<OpenedSession | null> {
    try {
      return opened(await this.authentication.api.signInEmail({ body: { email, password }, returnHeaders: true }));
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 401) return null;
      throw error;
    }
  }
}

function opened({ headers }: { headers: Headers }): OpenedSession {
  const token = headers.get('set-auth-token');
  if (!token) throw new TypeError('no session token');
  return { token, cookies: headers.getSetCookie() };
}

function toHeaders({ authorization, cookie }: SessionHeaders): Headers {
  return new Headers({ ...(authorization ? { authorization } : {}), ...(cookie ? { cookie } : {}) });
}
