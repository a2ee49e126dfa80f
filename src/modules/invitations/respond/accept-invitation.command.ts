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
import { acceptance, RespondToInvitation, type Acceptance } from './respond-to-invitation.js';
import { InvitationLinks, type ResolvedInvitation } from '../links/invitation-links.js';

export interface NewAccount {
  name: string;
  password: string;
}

export interface Accepted extends Acceptance {
  /** Present when the acceptance made an account. */
  session?: OpenedSession;
}

/** Accepts the invitation behind a link. `signedInAs` is a personId, or null without a session. */
export class AcceptInvitation extends Command<Accepted> {
  constructor(
    readonly token: string,
    readonly signedInAs: string | null,
    readonly account: NewAccount | null,
    /** The request's User-Agent header, for the new account's session. */
    readonly userAgent?: string,
    /** The number of the terms that the invitee read. */
    readonly terms?: number,
  ) {
    super();
  }
}

/**
 * Checks, makes a provisional account, stores the acceptance, and confirms the account. After any failure there is a
 * member who can sign in, or no account and a link that still works. Source: docs/domain.md §6.3, ADR 0006
 */
@CommandHandler(AcceptInvitation)
export class AcceptInvitationHandler implements ICommandHandler<AcceptInvitation> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly respondToInvitation: RespondToInvitation,
    private readonly store: EventStore,
    private readonly people: People,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
  ) {}

  async execute({ token, signedInAs, account, userAgent, terms }: AcceptInvitation): Promise<Accepted> {
    const resolved = { ...(await this.links.open(token)), terms };
    const scope = await this.respondToInvitation.scopeOf(resolved);
    if (signedInAs === null) return this.acceptWithNewAccount(resolved, scope, account, userAgent);
    if (signedInAs !== resolved.personId) throw new RuleBroken('wrong-account');
    return this.respondToInvitation.acceptSignedIn(resolved);
  }

  private async acceptWithNewAccount(
    resolved: ResolvedInvitation,
    scope: Scope,
    account: NewAccount | null,
    userAgent: string | undefined,
  ): Promise<Accepted> {
    const { invitationId } = await this.respondToInvitation.mustBeAcceptable(
      resolved,
      scope,
      resolved.history,
      this.store,
    );
    if (await this.accounts.exists(resolved.personId)) await this.refuseAnonymous(resolved, scope);
    if (!account) throw new RuleBroken('invalid-input', { errors: missingAccountFields });
    const email = (await this.people.getByIds([resolved.personId])).get(resolved.personId)?.email;
    if (!email) throw new RuleBroken('invitation-not-found');
    const fault = faultOf(account.password, email);
    if (fault) throw new RuleBroken('invalid-input', { errors: [passwordError(fault)] });
    const attempt: AccountAttempt = {
      id: randomUUID(),
      personId: resolved.personId,
      name: account.name,
      passwordHash: await this.accounts.hashPassword(account.password),
      stream: resolved.stream,
      invitationId,
    };
    try {
      if (!(await this.accounts.begin(attempt))) await this.refuseAnonymous(resolved, scope);
      await this.respondToInvitation.accept(resolved, { allowRepeat: false, name: account.name });
    } catch (error) {
      // The acceptance may be stored later, so the account stays provisional. Nobody can sign in to it, and the link
      // still works.
      if (!(error instanceof EventStoreUnavailable)) await this.accounts.withdraw(attempt);
      throw error;
    }
    await this.accounts.confirm(attempt);
    const session = await this.sessions.openFor(resolved.personId, email, 'invitation', { userAgent });
    await this.sessions.proveMailbox({ authorization: `Bearer ${session.token}` });
    return { ...acceptance(resolved, scope), session };
  }

  /** Refuses because the person has an account, made by this link or another one. @throws RuleBroken */
  private async refuseAnonymous(resolved: ResolvedInvitation, scope: Scope): Promise<never> {
    await this.respondToInvitation.mustBeAcceptable(
      resolved,
      scope,
      await this.store.read(resolved.stream),
      this.store,
    );
    throw new RuleBroken('account-exists');
  }
}

const missingAccountFields = [
  { field: 'name', message: 'is required for a new account' },
  { field: 'password', message: 'is required for a new account' },
];
