import type { MemberKind } from '../../access/access.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import { isGroupMemberEvent, type GroupMemberEvent, type GroupMemberDomainEvent } from './group-member.events.js';
import {
  keyOf,
  PERMISSION_SETS,
  permissionSetOf,
  setOf,
  type PermissionSet,
  type PermissionSetKey,
} from './permission-set.js';

/** `since` is ISO UTC. It distinguishes the membership from an earlier one of the same person. */
export interface ActiveGroupMember {
  status: 'active';
  personId: string;
  permissionSet: PermissionSetKey;
  since: string;
}

export type GroupMember = { status: 'none' } | ActiveGroupMember;

export const NO_GROUP_MEMBER: GroupMember = { status: 'none' };

export function evolveGroupMember(state: GroupMember, event: GroupMemberEvent): GroupMember {
  switch (event.type) {
    case 'GroupFounderJoined':
      return { status: 'active', ...event.data, since: event.recordedAt };
    case 'InvitationAccepted':
      return {
        status: 'active',
        personId: event.data.personId,
        permissionSet: keyOf(permissionSetOf(event.data.grant)),
        since: event.recordedAt,
      };
    case 'GroupPermissionsChanged':
      return state.status === 'none' ? state : { ...state, permissionSet: event.data.to };
    case 'GroupMemberRemoved':
    case 'GroupMemberLeft':
      return NO_GROUP_MEMBER;
  }
}

/** Makes the creator of a group its administrator and content creator. Returns no event for a member. */
export function joinAsFounder(member: GroupMember, personId: string): GroupMemberDomainEvent[] {
  return member.status === 'active'
    ? []
    : [{ type: 'GroupFounderJoined', data: { personId, permissionSet: 'administrator-content-creator' } }];
}

/** Gives a member another permission set. Returns no event for the same set. */
export function changePermissions(
  { permissionSet: from }: ActiveGroupMember,
  to: PermissionSet,
  reason?: Sealed,
): GroupMemberDomainEvent[] {
  const key = keyOf(to);
  return from === key
    ? []
    : [{ type: 'GroupPermissionsChanged', data: { from, to: key, ...(reason ? { reason } : {}) } }];
}

/** Ends a membership: the member leaves, or somebody else removes them. */
export function endGroupMembership(
  { permissionSet }: ActiveGroupMember,
  by: 'removed' | 'left',
  reason?: Sealed,
): GroupMemberDomainEvent[] {
  return [
    {
      type: by === 'left' ? 'GroupMemberLeft' : 'GroupMemberRemoved',
      data: { permissionSet, ...(reason ? { reason } : {}) },
    },
  ];
}

/** The member that a membership stream shows. */
export function groupMemberFrom(history: readonly StoredEvent[]): GroupMember {
  return history.filter(isGroupMemberEvent).reduce(evolveGroupMember, NO_GROUP_MEMBER);
}

/** The declaration of group members. A group keeps at least one administrator. Source: docs/domain.md §4 */
export const GROUP_MEMBERS: MemberKind<ActiveGroupMember, GroupMemberDomainEvent> = {
  category: 'groupMember',
  activeFrom: (history) => activeOf(groupMemberFrom(history)),
  after: (member, change) => activeOf(evolveGroupMember(member, change as GroupMemberEvent)),
  isOwner: ({ permissionSet }) => PERMISSION_SETS[permissionSet].administrator,
};

function activeOf(member: GroupMember): ActiveGroupMember | undefined {
  return member.status === 'active' ? member : undefined;
}

/** The member's permissions, as two booleans. */
export function permissionsOf({ permissionSet }: Pick<ActiveGroupMember, 'permissionSet'>): PermissionSet {
  const { administrator, contentCreator } = setOf(permissionSet);
  return { administrator, contentCreator };
}
