import { Injectable } from '@nestjs/common';
import { type Scope, Scopes } from '../../access/access.contract.js';
import { People } from '../../people/people.contract.js';
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

/** What an acceptance gives. */
export interface Acceptance {
  kind: string;
  scope: ScopeRef & { name: string };
  membershipId: string;
}

/** Stores an invitee's answer, whether they came by the link or are signed in. */
@Injectable()
export class RespondToInvitation {
  constructor(
    private readonly scopes: Scopes,
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
    private readonly clock: Clock,
    private readonly ownEvents: OwnEvents,
  ) {}

  /** Accepts for the signed-in invitee. A repeated call changes nothing. @throws RuleBroken as `mustBeAcceptable` */
  async acceptSignedIn(resolved: ResolvedInvitation): Promise<Acceptance> {
    return acceptance(resolved, await this.accept(resolved, { allowRepeat: true }));
  }

  /**
   * Stores the acceptance, if the scope isn't archived.
   * @param options `name`: of the account that this acceptance makes.
   * @throws RuleBroken as `mustBeAcceptable`
   */
  async accept(resolved: ResolvedInvitation, options: { allowRepeat: boolean; name?: string }): Promise<Scope> {
    const { stream, personId, organisationId } = resolved;
    const person = options.name === undefined ? undefined : (await this.people.getByIds([personId])).get(personId);
    let reserved: { issued: Issued; scope: Scope } | undefined;
    const attempt = async (reads: ReadSet): Promise<Scope> => {
      const scope = await this.scopeOf(resolved, reads);
      const decide: Decide = async (history, idOf) => {
        // A repeat by a former member is refused, because the answer would say that they are a member.
        if (
          options.allowRepeat &&
          isAcceptedAt(history, issueOf(resolved, history)) &&
          resolved.policy.isMember(history)
        )
          return [];
        const issued = await this.mustBeAcceptable(resolved, scope, history, reads);
        await this.ownEvents.count(personId, personId);
        await resolved.policy.reserve?.(issued, scope);
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
        await resolved.policy.giveBack?.(stream, reserved.issued, reserved.scope);
      throw error;
    };
    const scope = await this.commandHandling.retrying(attempt).catch(giveBack);
    await resolved.policy.afterAccepted?.(personId, resolved.scope, organisationId);
    return scope;
  }

  /**
   * @param reads where the decision is read from: an acceptance's read set, or the store for a preview
   * @throws RuleBroken when the issue can't be used any more, the scope is archived, or the inviter is no longer
   * authorised
   */
  async mustBeAcceptable(
    resolved: ResolvedInvitation,
    scope: Scope,
    history: readonly StoredEvent[],
    reads: StreamSource,
  ): Promise<Issued> {
    const issued = mustBeCurrent(invitationOf(history), issueOf(resolved, history), this.clock.now());
    if (scope.archived) throw new RuleBroken('scope-archived');
    await resolved.policy.assertInviterStillAuthorised(issued.issuedBy, issued.grant, scope, reads);
    return issued;
  }

  /**
   * Declines the invitation.
   * @throws RuleBroken `scope-archived`, or the code of an issue that can't be used any more
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

  /** @throws RuleBroken `invitation-not-found` */
  async scopeOf(resolved: ResolvedInvitation, reads?: StreamSource): Promise<Scope> {
    const scope = await this.scopes.load(resolved.scope, reads);
    if (!scope) throw new RuleBroken('invitation-not-found');
    return scope;
  }
}

/** What the acceptance of this invitation gives. */
export function acceptance(resolved: ResolvedInvitation, { kind, id, name }: Scope): Acceptance {
  return { kind: resolved.policy.kind, scope: { kind, id, name }, membershipId: StreamId.parse(resolved.stream).uuid };
}

/**
 * A link answers its own issue. Without a link the newest issue is answered, so that a concurrent resend costs the
 * invitee nothing.
 */
function issueOf({ issue, invitationId }: ResolvedInvitation, history: readonly StoredEvent[]): number {
  return invitationId === undefined ? issue : newestIssueOf(invitationOf(history), invitationId);
}

function isAcceptedAt(history: readonly StoredEvent[], issue: number): boolean {
  const invitation = invitationOf(history);
  return invitation.status === 'accepted' && invitation.issue === issue;
}
