import type { ScopeRef } from '../access/scope-ref.js';
import { deterministicId } from '../event-store/deterministic-id.js';
import type { StoredEvent } from '../event-store/event-store.js';
import { evolveInvitation, NO_INVITATION, type Invitation } from './invitation.js';
import { isInvitationEvent } from './invitation.events.js';
import type { LinkKind } from './link-token.js';

/** A person's whole history in one scope is one stream, and there can be only one: its name follows from both. */
export function membershipStream(kind: LinkKind, scope: ScopeRef, personId: string): string {
  return `${kind}-${deterministicId(scope.id, personId)}`;
}

/** The invitation that a membership stream holds. */
export function invitationOf(history: readonly StoredEvent[]): Invitation {
  return history.filter(isInvitationEvent).reduce(evolveInvitation, NO_INVITATION);
}
