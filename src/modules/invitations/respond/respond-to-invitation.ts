import { Injectable } from '@nestjs/common';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { Accounts } from '../../accounts/accounts.contract.js';
import { People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { sealField } from '../../../shared/crypto/sealing.js';
import { acceptInvitation, declineInvitation, mustBeCurrent, type Issued } from '../domain/invitation.js';
import type { ResolvedInvitation } from '../links/invitation-links.js';
import { invitationOf, newestIssueOf } from '../domain/membership-stream.js';

/** The membership that an acceptance makes. */
export interface Acceptance {
  kind: string;
  scope: ScopeRef & { name: string };
  membershipId: string;
}

/** Stores an invitee's answer, given through the link or in a session. */
@Injectable()
export class RespondToInvitation {
  constructor(
    private readonly scopes: Scopes,
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
    private readonly clock: Clock,
    private readonly ownEvents: OwnEvents,
    private readonly accounts: Accounts,
  ) {}

  /** Accepts for the signed-in invitee. A repeated call changes nothing. @throws RuleBroken as `mustBeAcceptable` */
  async acceptSignedIn(resolved: ResolvedInvitation): Promise<Acceptance> {
    return acceptance(resolved, await this.accept(resolved, { allowRepeat: true }));
  }

  /**
   * Stores the acceptance, if the scope isn't archived.
   * @param options `name`: the name on the account that this acceptance makes
   * @throws RuleBroken as `mustBeAcceptable`
   */
  async accept(resolved: ResolvedInvitation, options: { allowRepeat: boolean; name?: string }): Promise<Scope> {
    const { stream, personId, organisationId } = resolved;
    const person = options.name === undefined ? undefined : (await this.people.getByIds([personId])).get(personId);
    let reserved: { issued: Issued; scope: Scope } | undefined;
    const attempt = async (reads: ReadSet): Promise<Scope> => {
      if (options.name === undefined) await this.mustHaveAccount(personId, reads);
      const scope = await this.scopeOf(resolved, reads);
      const decide: Decide = async (history, idOf) => {
        // A former member's repeat gets no success, because the answer would say that they are a member.
        if (
          options.allowRepeat &&
          isAcceptedAt(history, issueOf(resolved, history)) &&
          resolved.policy.isMember(history)
        )
          return [];
        const issued = await this.mustBeAcceptable(resolved, scope, history, reads);
        await this.ownEvents.count(personId, personId);
        await resolved.policy.reserve(issued, scope);
        reserved = { issued, scope };
        const name =
          person && options.name !== undefined
            ? sealField(person, { stream, eventId: idOf(0), field: 'name' }, options.name)
            : undefined;
        return acceptInvitation(invitationOf(history), issueOf(resolved, history), this.clock.now(), name);
      };
      await this.commandHandling.decide({
        stream,
        eventContext: { actor: personId, scope: resolved.scope, organisationId },
        decide,
        onlyIf: reads,
      });
      return scope;
    };
    const giveBack = async (error: unknown): Promise<never> => {
      // After an unknown outcome the reservation stays, because the acceptance may be stored.
      if (reserved && error instanceof RuleBroken)
        await resolved.policy.giveBack(stream, reserved.issued, reserved.scope);
      throw error;
    };
    const scope = await this.commandHandling.retrying(attempt).catch(giveBack);
    await resolved.policy.afterAccepted(personId, resolved.scope, organisationId);
    return scope;
  }

  /**
   * @param reads the source of the decision: an acceptance's read set, or the store for a preview
   * @throws RuleBroken when the issue can't be used any more, the scope is archived, the terms changed, or the inviter
   * is no longer authorised
   */
  async mustBeAcceptable(
    resolved: ResolvedInvitation,
    scope: Scope,
    history: readonly StoredEvent[],
    reads: StreamSource,
  ): Promise<Issued> {
    const issued = mustBeCurrent(invitationOf(history), issueOf(resolved, history), this.clock.now());
    if (scope.archived) throw new RuleBroken('scope-archived');
    if (resolved.terms !== undefined && resolved.terms !== issued.terms) throw await changed(resolved, issued);
    await resolved.policy.assertInviterStillAuthorised(issued.issuedBy, issued.grant, scope, reads);
    return issued;
  }

  /**
   * Declines the invitation.
   * @throws RuleBroken `scope-archived`, or as `mustBeCurrent`
   */
  async decline(resolved: ResolvedInvitation): Promise<void> {
    const { stream, personId, scope, organisationId } = resolved;
    const decide: Decide = async (history) => {
      const domainEvents = declineInvitation(invitationOf(history), issueOf(resolved, history), this.clock.now());
      if (domainEvents.length > 0) await this.ownEvents.count(personId, personId);
      return domainEvents;
    };
    await this.commandHandling.retrying(async (reads) => {
      if ((await this.scopeOf(resolved, reads)).archived) throw new RuleBroken('scope-archived');
      await this.commandHandling.decide({
        stream,
        eventContext: { actor: personId, scope, organisationId },
        decide,
        onlyIf: reads,
      });
    });
  }

  /**
   * Checks that a signed-in invitee has not closed the account meanwhile. The acceptance is stored only while the
   * person's stream stays as it is now.
   * @throws RuleBroken `too-many-conflicts`
   */
  private async mustHaveAccount(personId: string, reads: ReadSet): Promise<void> {
    await reads.read(personStream(personId));
    if (!(await this.accounts.exists(personId))) throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
  }

  /** @throws RuleBroken `invitation-not-found` */
  async scopeOf(resolved: ResolvedInvitation, reads?: StreamSource): Promise<Scope> {
    const scope = await this.scopes.load(resolved.scope, reads);
    if (!scope) throw new RuleBroken('invitation-not-found');
    return scope;
  }
}

/** The membership that accepting this invitation makes. */
export function acceptance(resolved: ResolvedInvitation, { kind, id, name }: Scope): Acceptance {
  return { kind: resolved.policy.kind, scope: { kind, id, name }, membershipId: StreamId.parse(resolved.stream).uuid };
}

/** The refusal of an answer to earlier terms, with the terms of this moment. */
async function changed({ policy, organisationId }: ResolvedInvitation, issued: Issued): Promise<RuleBroken> {
  const { grant, terms, expiresAt } = issued;
  const [description] = await policy.describe([{ grant, organisationId }]);
  return new RuleBroken('invitation-changed', { current: { terms, expiresAt, ...description } });
}

/**
 * The issue that the invitee answers: the link's, or without a link the newest one. So a concurrent resend doesn't
 * refuse an answer without a link.
 */
function issueOf({ issue, invitationId }: ResolvedInvitation, history: readonly StoredEvent[]): number {
  return invitationId === undefined ? issue : newestIssueOf(invitationOf(history), invitationId);
}

function isAcceptedAt(history: readonly StoredEvent[], issue: number): boolean {
  const invitation = invitationOf(history);
  return invitation.status === 'accepted' && invitation.issue === issue;
}
