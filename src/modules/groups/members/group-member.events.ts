import {
  oneOf,
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
import { PERMISSION_SETS, type PermissionSetKey } from './permission-set.js';

/**
 * The domain events of a group member. They follow `InvitationAccepted` on the same stream, except for the founder.
 * Stored names are permanent.
 */
export interface GroupMemberDomainEvents {
  /** The person who creates a group joins it without an invitation. */
  GroupFounderJoined: { personId: string; permissionSet: PermissionSetKey };
  GroupPermissionsChanged: { from: PermissionSetKey; to: PermissionSetKey; reason?: Sealed };
  GroupMemberRemoved: { permissionSet: PermissionSetKey; reason?: Sealed };
  GroupMemberLeft: { permissionSet: PermissionSetKey; reason?: Sealed };
}
export type GroupMemberDomainEvent = {
  [Type in keyof GroupMemberDomainEvents]: { type: Type; data: GroupMemberDomainEvents[Type] };
}[keyof GroupMemberDomainEvents];

type Accepted = { type: 'InvitationAccepted'; data: InvitationDomainEvents['InvitationAccepted'] };
export type GroupMemberEvent = Omit<StoredEvent, 'type' | 'data'> & (GroupMemberDomainEvent | Accepted);

const TYPES: Record<GroupMemberEvent['type'], true> = {
  InvitationAccepted: true,
  GroupFounderJoined: true,
  GroupPermissionsChanged: true,
  GroupMemberRemoved: true,
  GroupMemberLeft: true,
};
export const GROUP_MEMBER_EVENT_TYPES = Object.keys(TYPES) as GroupMemberEvent['type'][];

/** Picks the member's events from a stream that holds invitation events too. */
export function isGroupMemberEvent(event: StoredEvent): event is StoredEvent & GroupMemberEvent {
  return Object.hasOwn(TYPES, event.type);
}

const permissionSet = oneOf(Object.keys(PERMISSION_SETS));
const ENDED = { permissionSet, reason: optional(sealed) };
const GROUP_MEMBER_SHAPES: Shapes<GroupMemberDomainEvents> = {
  GroupFounderJoined: { personId: text, permissionSet },
  GroupPermissionsChanged: { from: permissionSet, to: permissionSet, reason: optional(sealed) },
  GroupMemberRemoved: ENDED,
  GroupMemberLeft: ENDED,
};
/** The grant of an invitation to a group. */
const GROUP_MEMBER_GRANT: Shape<{ role: string }> = { role: permissionSet };

export const GROUP_MEMBER_STREAMS = {
  category: 'groupMember',
  types: GROUP_MEMBER_SHAPES,
  grant: GROUP_MEMBER_GRANT,
} as const satisfies DeclaredStreams;
