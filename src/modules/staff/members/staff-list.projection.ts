import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { membershipColumns, type MembershipRow, membershipRowAfter } from '../../invitations/invitations.contract.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { isStaffEvent, STAFF_EVENT_TYPES } from './staff-member.events.js';
import { evolveStaffMember, UNKNOWN_MEMBER } from './staff-member.js';

/** Read model: every present and former staff membership; `id` is the membership's. */
export const StaffMemberTable = defineEntity({
  name: 'staff_member',
  properties: { ...membershipColumns(), role: p.text() },
  indexes: [{ name: 'staff_member_by_scope', properties: ['scope_id', 'active', 'since', 'id'] }],
});
export type StaffTables = InferKyselyDB<typeof StaffMemberTable>;

export interface StaffRow extends MembershipRow {
  role: string;
}

export const staffListProjection = rowProjection<StaffRow>({
  name: 'staff-list',
  table: 'staff_member',
  handles: STAFF_EVENT_TYPES,
  category: 'staff',
  evolve(row, event) {
    if (!isStaffEvent(event)) return undefined;
    const before = row
      ? {
          status: row.active ? ('active' as const) : ('removed' as const),
          personId: row.person_id,
          role: row.role,
          since: row.since,
        }
      : UNKNOWN_MEMBER;
    const after = evolveStaffMember(before, event);
    if (after.status === 'unknown') return undefined;
    return { ...membershipRowAfter(event, after, after.status === 'active'), role: after.role };
  },
});
