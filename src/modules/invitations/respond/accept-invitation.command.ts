import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Scope } from '../../access/access.contract.js';
import {
  type AccountAttempt,
  Accounts,
  faultOf,
  type OpenedSession,
  passwordError,
  Sessions,
} from '../../accounts/accounts.contract.js';
import { People } from '../../people/people.contract.js';
import { EventStore, EventStoreUnavailable } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { acceptance, Answering, type Acceptance } from './respond-to-invitation.js';
import { InvitationLinks, type OpenedLink } from '../links/invitation-links.js';

export interface NewAccount {
  name: string;
  password: string;
}

export interface Accepted extends Acceptance {
  /** For a new account. */
  session?: OpenedSession;
}

/** Takes up the invitation behind a link. `signedInAs`: personId, or null when nobody is signed in. */
export class AcceptInvitation extends Command<Accepted> {
  constructor(
    readonly token: string,
    readonly signedInAs: string | null,
    readonly account: NewAccount | null,
  ) {
    super();
  }
}

/**
 * Decide, make the account on trial, append, confirm the account: whatever fails, there is either a member who can sign in
 * or no account and a link that still works. Source: docs/domain.md §6.3, ADR 0006
 */
@CommandHandler(AcceptInvitation)
export class AcceptInvitationHandler implements ICommandHandler<AcceptInvitation> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly answering: Answering,
    private readonly store: EventStore,
    private readonly people: People,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
  ) {}

  async execute({ token, signedInAs, account }: AcceptInvitation): Promise<Accepted> {
    const link = await this.links.open(token);
    const scope = await this.answering.scopeOf(link);
    if (signedInAs === null) return this.acceptWithNewAccount(link, scope, account);
    if (signedInAs !== link.personId) throw new RuleBroken('wrong-account');
    return this.answering.acceptSignedIn(link);
  }

  private async acceptWithNewAccount(link: OpenedLink, scope: Scope, account: NewAccount | null): Promise<Accepted> {
    const { invitationId } = await this.answering.mustBeAcceptable(link, scope, link.history, this.store);
    if (await this.accounts.exists(link.personId)) await this.refuseAnonymous(link, scope);
    if (!account) throw new RuleBroken('invalid-input', { errors: missingAccountFields });
    const email = (await this.people.reveal([link.personId])).get(link.personId)?.email;
    if (!email) throw new RuleBroken('invitation-not-found');
    const fault = faultOf(account.password, email);
    if (fault) throw new RuleBroken('invalid-input', { errors: [passwordError(fault)] });
    const attempt: AccountAttempt = {
      id: randomUUID(),
      personId: link.personId,
      name: account.name,
      passwordHash: await this.accounts.hashPassword(account.password),
      stream: link.stream,
      invitationId,
    };
    try {
      if (!(await this.accounts.begin(attempt))) await this.refuseAnonymous(link, scope);
      await this.answering.accept(link, { repeatIsQuiet: false, name: account.name });
    } catch (error) {
      // It may still get stored: the account stays on trial, which neither signs anybody in nor spoils the link.
      if (!(error instanceof EventStoreUnavailable)) await this.accounts.withdraw(attempt);
      throw error;
    }
    await this.accounts.confirm(attempt);
    const session = await this.sessions.openFor(link.personId, email);
    await this.sessions.proveMailbox({ authorization: `Bearer ${session.token}` });
    return { ...acceptance(link, scope), session };
  }

  /** There is an account: made by this very link a moment ago, or by another of the same person's. @throws RuleBroken */
  private async refuseAnonymous(link: OpenedLink, scope: Scope): Promise<never> {
    await this.answering.mustBeAcceptable(link, scope, await this.store.read(link.stream), this.store);
    throw new RuleBroken('account-exists');
  }
}

const missingAccountFields = [
  { field: 'name', message: 'is required for a new account' },
  { field: 'password', message: 'is required for a new account' },
];
