import {
  flag,
  optional,
  sealed,
  text,
  type DeclaredStreams,
  type Shape,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { InvitationDomainEvents } from '../../invitations/invitations.domain.contract.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';

/**
 * `keepGroups` says that group memberships stay after the last role in the organisation. Events of older versions lack
 * it, because then they always stayed.
 */
interface Ended {
  role: string;
  keepGroups?: boolean;
  reason?: Sealed;
}

/** The domain events of a staff member, after `InvitationAccepted` on the same stream. */
export interface StaffDomainEvents {
  StaffRoleChanged: { from: string; to: string; reason?: Sealed };
  StaffMemberRemoved: Ended;
  StaffMemberLeft: Ended;
}
export type StaffDomainEvent = {
  [Type in keyof StaffDomainEvents]: { type: Type; data: StaffDomainEvents[Type] };
}[keyof StaffDomainEvents];

type Accepted = { type: 'InvitationAccepted'; data: InvitationDomainEvents['InvitationAccepted'] };
export type StaffEvent = Omit<StoredEvent, 'type' | 'data'> & (StaffDomainEvent | Accepted);

const TYPES: Record<StaffEvent['type'], true> = {
  InvitationAccepted: true,
  StaffRoleChanged: true,
  StaffMemberRemoved: true,
  StaffMemberLeft: true,
};
export const STAFF_EVENT_TYPES = Object.keys(TYPES) as StaffEvent['type'][];

/** Picks the member's events from a stream that holds invitation events too. */
export function isStaffEvent(event: StoredEvent): event is StoredEvent & StaffEvent {
  return Object.hasOwn(TYPES, event.type);
}

const ENDED = { role: text, keepGroups: optional(flag), reason: optional(sealed) };
const STAFF_SHAPES: Shapes<StaffDomainEvents> = {
  StaffRoleChanged: { from: text, to: text, reason: optional(sealed) },
  StaffMemberRemoved: ENDED,
  StaffMemberLeft: ENDED,
};
/** The grant of a staff invitation. */
const STAFF_GRANT: Shape<{ role: string }> = { role: text };

export const STAFF_STREAMS = {
  category: 'staff',
  types: STAFF_SHAPES,
  grant: STAFF_GRANT,
} as const satisfies DeclaredStreams;
