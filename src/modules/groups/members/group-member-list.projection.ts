import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { GROUP_MEMBER_EVENT_TYPES, isGroupMemberEvent } from './group-member.events.js';
import { evolveGroupMember, NO_GROUP_MEMBER } from './group-member.js';
import type { PermissionSetKey } from './permission-set.js';

/** Read model: every present and former group member; `id` is the membership's. */
export const GroupMemberTable = defineEntity({
  name: 'group_member',
  properties: {
    id: p.uuid().primary(),
    person_id: p.uuid().index(),
    group_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    permission_set: p.text().$type<PermissionSetKey>(),
    active: p.boolean(),
    since: p.datetime().$type<string>(),
  },
  indexes: [
    { name: 'group_member_by_group', properties: ['group_id', 'active', 'since', 'id'] },
    { name: 'group_member_by_organisation', properties: ['organisation_id', 'active'] },
  ],
});
export type GroupMemberTables = InferKyselyDB<typeof GroupMemberTable>;

export interface GroupMemberRow {
  id: string;
  person_id: string;
  group_id: string;
  organisation_id: string | null;
  permission_set: PermissionSetKey;
  active: boolean;
  since: string;
}

export const groupMemberListProjection = rowProjection<GroupMemberRow>({
  name: 'group-member-list',
  table: 'group_member',
  handles: GROUP_MEMBER_EVENT_TYPES,
  category: 'groupMember',
  evolve(row, event) {
    if (!isGroupMemberEvent(event)) return undefined;
    const before = row?.active
      ? { status: 'active' as const, personId: row.person_id, permissionSet: row.permission_set, since: row.since }
      : NO_GROUP_MEMBER;
    const after = evolveGroupMember(before, event);
    if (after.status === 'none') return row && { ...row, active: false };
    const { scope, organisationId } = event.metadata;
    const { personId, permissionSet, since } = after;
    return {
      id: StreamId.parse(event.stream).uuid,
      person_id: personId,
      group_id: scope.id,
      organisation_id: organisationId,
      permission_set: permissionSet,
      active: true,
      since,
    };
  },
});
