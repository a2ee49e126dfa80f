import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Scope } from '../access/scopes.js';
import { Scopes } from '../access/scopes.js';
import type { ScopeRef } from '../access/scope-ref.js';
import { Accounts, type AccountAttempt } from '../accounts/accounts.js';
import { Sessions, type OpenedSession } from '../accounts/sessions.js';
import { Decisions } from '../event-store/decisions.js';
import { EventStore, EventStoreUnavailable, uuidOf, type StoredEvent } from '../event-store/event-store.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { People } from '../privacy/people.js';
import { sealField } from '../privacy/sealing.js';
import { acceptInvitation, mustBeCurrent } from './invitation.js';
import { InvitationLinks, type OpenedLink } from './invitation-links.js';
import { invitationOf } from './membership-stream.js';

export interface NewAccount {
  name: string;
  password: string;
}

export interface Accepted {
  kind: string;
  scope: ScopeRef & { name: string };
  membershipId: string;
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
 * or no account and a link that still works. Source: DESIGN §6
 */
@CommandHandler(AcceptInvitation)
export class AcceptInvitationHandler implements ICommandHandler<AcceptInvitation> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly scopes: Scopes,
    private readonly store: EventStore,
    private readonly decisions: Decisions,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly people: People,
  ) {}

  async execute({ token, signedInAs, account }: AcceptInvitation): Promise<Accepted> {
    const link = await this.links.open(token);
    const scope = await this.scopes.load(link.scope);
    if (!scope) throw new RuleBroken('invitation-not-found');
    if (signedInAs !== null) return this.acceptSignedIn(link, scope, signedInAs);
    return this.acceptWithNewAccount(link, scope, account);
  }

  private async acceptSignedIn(link: OpenedLink, scope: Scope, personId: string): Promise<Accepted> {
    if (personId !== link.personId) throw new RuleBroken('wrong-account');
    await this.append(link, scope, { repeatIsQuiet: true });
    return accepted(link, scope);
  }

  private async acceptWithNewAccount(link: OpenedLink, scope: Scope, account: NewAccount | null): Promise<Accepted> {
    await this.mustBeAcceptable(link, scope, link.history);
    if (await this.accounts.exists(link.personId)) await this.refuseAnonymous(link, scope);
    if (!account) throw new RuleBroken('invalid-input', { errors: missingAccountFields });
    const { invitationId } = mustBeCurrent(invitationOf(link.history), link.issue, new Date());
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
      await this.append(link, scope, { repeatIsQuiet: false, name: account.name });
    } catch (error) {
      // It may still get stored: the account stays on trial, which neither signs anybody in nor spoils the link.
      if (!(error instanceof EventStoreUnavailable)) await this.accounts.withdraw(attempt);
      throw error;
    }
    await this.accounts.confirm(attempt);
    return { ...accepted(link, scope), session: await this.sessions.signInTo(link.personId, account.password) };
  }

  /** There is an account: made by this very link a moment ago, or by another of the same person's. @throws RuleBroken */
  private async refuseAnonymous(link: OpenedLink, scope: Scope): Promise<never> {
    await this.mustBeAcceptable(link, scope, await this.store.read(link.stream));
    throw new RuleBroken('account-exists');
  }

  private async append(link: OpenedLink, scope: Scope, options: { repeatIsQuiet: boolean; name?: string }): Promise<void> {
    const { stream, personId, organisationId } = link;
    const person = options.name === undefined ? undefined : (await this.people.reveal([personId])).get(personId);
    await this.decisions.decide(stream, { actor: personId, scope: link.scope, organisationId }, async (history, idOf) => {
      if (options.repeatIsQuiet && isAcceptedAt(history, link.issue)) return [];
      await this.mustBeAcceptable(link, scope, history);
      const name = person && options.name !== undefined ? sealField(person, { stream, eventId: idOf(0), field: 'name' }, options.name) : undefined;
      return acceptInvitation(invitationOf(history), link.issue, new Date(), name);
    });
    await link.context.afterAccepted?.(personId, link.scope, organisationId);
  }

  /** @throws RuleBroken when the link is no good any more, the scope is archived, or whoever issued it lost the authority */
  private async mustBeAcceptable(link: OpenedLink, scope: Scope, history: readonly StoredEvent[]): Promise<void> {
    const { issuedBy, grant } = mustBeCurrent(invitationOf(history), link.issue, new Date());
    if (scope.archived) throw new RuleBroken('scope-archived');
    await link.context.issuerMustHold(issuedBy, grant, scope);
  }
}

const missingAccountFields = [
  { field: 'name', message: 'is required for a new account' },
  { field: 'password', message: 'is required for a new account' },
];

function isAcceptedAt(history: readonly StoredEvent[], issue: number): boolean {
  const invitation = invitationOf(history);
  return invitation.status === 'accepted' && invitation.issue === issue;
}

function accepted(link: OpenedLink, { kind, id, name }: Scope): Accepted {
  return { kind: link.context.kind, scope: { kind, id, name }, membershipId: uuidOf(link.stream) };
}
