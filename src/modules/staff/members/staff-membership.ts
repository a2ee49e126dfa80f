import { sql } from 'kysely';
import { OWNER_ROLES } from '../../access/access.domain.contract.js';
import type { MembershipType } from '../../invitations/invitations.contract.js';
import { staffListProjection, StaffMemberTable } from './staff-list.projection.js';
import type { StaffDomainEvent, StaffEvent } from './staff-member.events.js';
import {
  type ActiveStaffMember,
  endMembership,
  evolveStaffMember,
  type StaffMember,
  staffMemberFrom,
} from './staff-member.js';

/** The membership of staff: a role in a scope. A scope with owners keeps its last one. */
export const STAFF_MEMBERSHIP: MembershipType<ActiveStaffMember, StaffDomainEvent> = {
  category: 'staff',
  table: StaffMemberTable,
  projection: staffListProjection,
  scopeColumn: 'scope_id',
  ends: ['StaffMemberRemoved', 'StaffMemberLeft'],
  isRole: true,
  headcount: { counted: 'staff', status: sql`active` },
  owners: { processManager: 'staff-owners', changes: ['StaffRoleChanged'] },
  activeFrom: (history) => activeOf(staffMemberFrom(history)),
  after: (member, change) => activeOf(evolveStaffMember(member, change as StaffEvent)),
  isOwner: ({ role }, scope) => role === OWNER_ROLES[scope.kind],
  end: (member, by, { keepGroups = false }: { keepGroups?: boolean }, reason) =>
    endMembership(member, by, keepGroups, reason),
};

function activeOf(member: StaffMember): ActiveStaffMember | undefined {
  return member.status === 'active' ? member : undefined;
}
