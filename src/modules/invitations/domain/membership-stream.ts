import type { ScopeRef } from '../../access/access.domain.contract.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { openField, type PersonKey } from '../../../shared/crypto/sealing.js';
import { evolveInvitation, NO_INVITATION, statusAt, type Invitation, type Issued } from './invitation.js';
import { isInvitationEvent } from './invitation.events.js';

/** A person's whole history in one scope is one stream. Its name is derived from both, so there is only one. */
export function membershipStream(kind: string, scope: ScopeRef, personId: string): string {
  return StreamId.of(kind, deterministicId(scope.id, personId));
}

/** The invitation that a membership stream holds. */
export function invitationOf(history: readonly StoredEvent[]): Invitation {
  return history.filter(isInvitationEvent).reduce(evolveInvitation, NO_INVITATION);
}

/** The invitation that a membership stream holds, if it can be accepted at this moment. */
export function pendingOf(history: readonly StoredEvent[], now: Date): Issued | null {
  const invitation = invitationOf(history);
  return invitation.status !== 'none' && statusAt(invitation, now) === 'pending' ? invitation : null;
}

/** The event that issued the newest link; undefined when the stream has no invitation. */
export function lastIssueIn(history: readonly StoredEvent[]): StoredEvent | undefined {
  return history.findLast(({ type }) => type === 'InvitationIssued' || type === 'InvitationReissued');
}

/** The person who first issued an invitation on a membership stream. */
export function inviterIn(history: readonly StoredEvent[], invitationId: string): string | null {
  return (
    history.find(
      (event) =>
        isInvitationEvent(event) && event.type === 'InvitationIssued' && event.data.invitationId === invitationId,
    )?.metadata.actor ?? null
  );
}

/** The newest issue of an invitationId on a membership stream; 0 when the stream lacks it. */
export function newestIssueOf({ issues }: Invitation, invitationId: string): number {
  return issues.lastIndexOf(invitationId) + 1;
}

/** The personal message, unsealed; null when there is none or the person was erased. */
export function messageOf(
  { message, firstEventId }: Issued,
  stream: string,
  person: PersonKey | undefined,
): string | null {
  return message && person ? openField(person, { stream, eventId: firstEventId, field: 'message' }, message) : null;
}
