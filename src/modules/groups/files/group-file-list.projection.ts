import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { GROUP_FILE_EVENT_TYPES, type GroupFileEvent } from './group-file.events.js';
import {
  evolveGroupFile,
  NO_GROUP_FILE,
  type FileException,
  type FileVersion,
  type GroupFile,
  type KnownGroupFile,
} from './group-file.js';

/** Read model: every file that a group has or had. */
export const GroupFileTable = defineEntity({
  name: 'group_file',
  properties: {
    id: p.uuid().primary(),
    group_id: p.uuid(),
    name: p.text(),
    /** The exact number of bytes, which may not fit an integer. */
    size: p.double().$type<number>().nullable(),
    type: p.text().nullable(),
    /** Null: the content is stored here. */
    url: p.text().nullable(),
    added_by: p.text(),
    added_at: p.datetime().$type<string>(),
    removed: p.boolean(),
    exceptions: p.json<Record<string, FileException>>(),
    /** Null: a link. */
    versions: p.json<readonly FileVersion[]>().nullable(),
    /** The exact number of bytes of all versions, which may not fit an integer. Null: a link. */
    stored_bytes: p.double().$type<number>().nullable(),
  },
  indexes: [{ name: 'group_file_by_group', properties: ['group_id', 'removed', 'name', 'id'] }],
});
export type GroupFileTables = InferKyselyDB<typeof GroupFileTable>;

export interface GroupFileRow {
  id: string;
  group_id: string;
  name: string;
  size: number | null;
  type: string | null;
  url: string | null;
  added_by: string;
  added_at: string;
  removed: boolean;
  exceptions: Record<string, FileException>;
  versions: readonly FileVersion[] | null;
  stored_bytes: number | null;
}

export const groupFileListProjection = rowProjection<GroupFileRow>({
  name: 'group-file-list',
  table: 'group_file',
  handles: GROUP_FILE_EVENT_TYPES,
  evolve(row, event) {
    const after = evolveGroupFile(
      row && !row.removed ? fileOf(row) : NO_GROUP_FILE,
      event as StoredEvent & GroupFileEvent,
    );
    return after.status === 'there'
      ? groupFileRow(StreamId.parse(event.stream).uuid, after)
      : row && { ...row, removed: true, versions: null, stored_bytes: null };
  },
});

/** The row of a file. The list uses it, and so do readers of one file's stream. */
export function groupFileRow(
  id: string,
  { groupId, entry, versions, addedBy, addedAt, exceptions }: KnownGroupFile,
): GroupFileRow {
  return {
    id,
    group_id: groupId,
    ...entry,
    added_by: addedBy,
    added_at: addedAt,
    removed: false,
    exceptions,
    versions: versions.length > 0 ? versions : null,
    stored_bytes: versions.length > 0 ? versions.reduce((sum, { size }) => sum + size, 0) : null,
  };
}

function fileOf({
  group_id: groupId,
  name,
  size,
  type,
  url,
  added_by: addedBy,
  added_at: addedAt,
  exceptions,
  versions,
}: GroupFileRow): GroupFile {
  const entry = { name, size, type, url };
  return { status: 'there', groupId, entry, versions: versions ?? [], addedBy, addedAt, exceptions };
}
