import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { type ScopeKind, scopeOf } from '../../access/access.domain.contract.js';
import { isStaffEvent, STAFF_EVENT_TYPES } from './staff-member.events.js';
import { evolveStaffMember, UNKNOWN_MEMBER } from './staff-member.js';

/** Read model: everybody who is or was staff somewhere; `id` is the membership's. */
export const StaffMemberTable = defineEntity({
  name: 'staff_member',
  properties: {
    id: p.uuid().primary(),
    person_id: p.uuid().index(),
    scope_kind: p.text().$type<ScopeKind>(),
    scope_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    role: p.text(),
    active: p.boolean(),
    since: p.datetime().$type<string>(),
  },
  indexes: [{ name: 'staff_member_by_scope', properties: ['scope_id', 'active', 'since', 'id'] }],
});
export type StaffTables = InferKyselyDB<typeof StaffMemberTable>;

export interface StaffRow {
  id: string;
  person_id: string;
  scope_kind: ScopeKind;
  scope_id: string;
  organisation_id: string | null;
  role: string;
  active: boolean;
  since: string;
}

export const staffListProjection = rowProjection<StaffRow>({
  name: 'staff-list',
  table: 'staff_member',
  handles: STAFF_EVENT_TYPES,
  key: (event) => (StreamId.parse(event.stream).category === 'staff' ? StreamId.parse(event.stream).uuid : null),
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
    const scope = scopeOf(event);
    return {
      id: StreamId.parse(event.stream).uuid,
      person_id: after.personId,
      scope_kind: scope.kind,
      scope_id: scope.id,
      organisation_id: event.metadata.organisationId,
      role: after.role,
      active: after.status === 'active',
      since: after.since,
    };
  },
});
