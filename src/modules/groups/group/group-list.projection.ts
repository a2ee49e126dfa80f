import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { GROUP_EVENT_TYPES, type GroupEvent } from './group.events.js';
import { evolveGroup, UNKNOWN_GROUP, type Group, type KnownGroup } from './group.js';

/** Read model: every group, deleted ones too. The table isn't called `group`, because that is an SQL keyword. */
export const GroupTable = defineEntity({
  name: 'working_group',
  properties: {
    id: p.uuid().primary(),
    organisation_id: p.uuid(),
    name: p.text(),
    description: p.text().nullable(),
    created_at: p.datetime().$type<string>(),
    deleted_at: p.datetime().$type<string>().nullable(),
  },
  indexes: [{ name: 'working_group_by_organisation', properties: ['organisation_id', 'name', 'id'] }],
});
export type GroupTables = InferKyselyDB<typeof GroupTable>;

export interface GroupRow {
  id: string;
  organisation_id: string;
  name: string;
  description: string | null;
  created_at: string;
  deleted_at: string | null;
}

export const groupListProjection = rowProjection<GroupRow>({
  name: 'group-list',
  table: 'working_group',
  handles: GROUP_EVENT_TYPES,
  evolve(row, event) {
    const after = evolveGroup(row ? groupOf(row) : UNKNOWN_GROUP, event as StoredEvent & GroupEvent);
    return after.status === 'unknown' ? undefined : groupRow(StreamId.parse(event.stream).uuid, after);
  },
});

/** The row of a group. The list uses it, and so do readers of one group's stream. */
export function groupRow(id: string, group: KnownGroup): GroupRow {
  const { organisationId, name, description, createdAt } = group;
  return {
    id,
    organisation_id: organisationId,
    name,
    description,
    created_at: createdAt,
    deleted_at: group.status === 'deleted' ? group.deletedAt : null,
  };
}

function groupOf({
  organisation_id: organisationId,
  name,
  description,
  created_at: createdAt,
  deleted_at: deletedAt,
}: GroupRow): Group {
  const profile = { organisationId, name, description, createdAt };
  return deletedAt === null ? { status: 'active', ...profile } : { status: 'deleted', deletedAt, ...profile };
}
