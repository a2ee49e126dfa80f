import type { MembershipType } from '../../invitations/invitations.contract.js';
import { type ActiveGroupMember, endGroupMembership, GROUP_MEMBERS } from './group-member.js';
import type { GroupMemberDomainEvent } from './group-member.events.js';
import { groupMemberListProjection, GroupMemberTable } from './group-member-list.projection.js';

/** The membership of a group. The group keeps its last administrator. */
export const GROUP_MEMBERSHIP: MembershipType<ActiveGroupMember, GroupMemberDomainEvent> = {
  ...GROUP_MEMBERS,
  table: GroupMemberTable,
  projection: groupMemberListProjection,
  scopeColumn: 'group_id',
  begins: ['GroupFounderJoined'],
  ends: ['GroupMemberRemoved', 'GroupMemberLeft'],
  isRole: false,
  endsWithLastRole: true,
  owners: { processManager: 'group-administrators', changes: ['GroupPermissionsChanged'] },
  end: (member, by, _options, reason) => endGroupMembership(member, by, reason),
};
