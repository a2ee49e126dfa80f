import { Injectable } from '@nestjs/common';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { PublicUrl } from '../../../shared/http/links/origin.js';
import { type NamedPerson, PersonNames } from '../../people/people.contract.js';
import { GroupAccess, type GroupAuthorization } from '../group-access.js';
import {
  ACCESS_BY_PLATFORM,
  accessOf,
  evolveGroupFile,
  mustBeThere,
  NO_GROUP_FILE,
  type FileAccess,
  type FileVersion,
  type GroupFile,
  type KnownGroupFile,
} from './group-file.js';
import type { GroupFileContentView, GroupFileView } from './group-file.dto.js';
import type { GroupFileEvent } from './group-file.events.js';
import type { GroupFileRow } from './group-file-list.projection.js';
import { GroupPeople } from '../members/group-people.js';
import type { PermissionSet } from '../members/permission-set.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

export function groupFileStream(id: string): string {
  return StreamId.of('groupFile', id);
}

/** The state of the file, from its stream. */
export function groupFileFrom(history: readonly StoredEvent[]): GroupFile {
  return (history as readonly unknown[] as readonly GroupFileEvent[]).reduce(evolveGroupFile, NO_GROUP_FILE);
}

/** A file, and the caller's access to it. */
export interface OpenedGroupFile {
  file: KnownGroupFile;
  authorization: GroupAuthorization & { permissions: PermissionSet };
  access: FileAccess;
}

/** Files of groups, read from their streams. */
@Injectable()
export class GroupFiles {
  constructor(
    private readonly store: EventStore,
    private readonly access: GroupAccess,
    private readonly names: PersonNames,
    private readonly people: GroupPeople,
    private readonly publicUrl: PublicUrl,
  ) {}

  /** Opens a file for a member of its group. @throws RuleBroken `not-found` for other callers */
  async open(actor: string, id: string, reads: StreamSource = this.store): Promise<OpenedGroupFile> {
    const file = mustBeThere(groupFileFrom(await reads.read(groupFileStream(id))));
    const authorization = await this.access.requireContentVisible(actor, file.groupId, reads);
    return { file, authorization, access: fileAccess(authorization, file) };
  }

  /** @returns how the reader sees a person who added something */
  async authors(
    reader: string,
    authorization: GroupAuthorization,
    authors: readonly string[],
  ): Promise<(personId: string) => NamedPerson> {
    const [names, identified] = await Promise.all([
      this.names.of(authors),
      this.people.identifiedBy(authorization)(authors),
    ]);
    return (personId) => ({
      ...(personId === reader || identified.has(personId) ? { personId } : {}),
      name: names.get(personId) ?? null,
    });
  }

  /** @param reader the person to whom `authorization` belongs */
  async views(
    reader: string,
    authorization: GroupAuthorization,
    rows: readonly GroupFileRow[],
  ): Promise<GroupFileView[]> {
    const named = await this.authors(
      reader,
      authorization,
      rows.map((row) => row.added_by),
    );
    return rows.map(
      ({
        id,
        group_id: groupId,
        name,
        size,
        type,
        url,
        added_by: addedBy,
        added_at: addedAt,
        exceptions,
        versions,
      }) => ({
        id,
        groupId,
        name,
        size,
        type,
        // The route checks the caller's permission, so this address is no secret.
        url: url ?? `${this.publicUrl.base}/v1/group-files/${id}/content`,
        content: contentView(versions?.at(-1)),
        addedBy: named(addedBy),
        addedAt: new Date(addedAt).toISOString(),
        mayEdit: fileAccess(authorization, { exceptions }).mayEdit,
      }),
    );
  }
}

function contentView(newest: FileVersion | undefined): GroupFileContentView | null {
  if (!newest) return null;
  const { size, type, sha256, version, storedAt } = newest;
  return { size, type, sha256, version, uploadedAt: new Date(storedAt).toISOString() };
}

/** The access of a person to a file of the group, possibly none. */
export function fileAccess(
  { member, membershipId, isSuperAdmin }: GroupAuthorization,
  { exceptions }: Pick<KnownGroupFile, 'exceptions'>,
): FileAccess {
  if (isSuperAdmin) return ACCESS_BY_PLATFORM;
  return member
    ? accessOf(member, exceptions[membershipId])
    : { mayView: false, mayEdit: false, reason: 'permission-set' };
}
