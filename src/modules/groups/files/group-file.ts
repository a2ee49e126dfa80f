import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { GroupFileContent, GroupFileEntry, GroupFileEvent, GroupFileDomainEvent } from './group-file.events.js';
import type { ActiveGroupMember } from '../members/group-member.js';
import { permissionsOf } from '../members/group-member.js';

/** An exception for one member: it gives or denies content-creator rights, whatever their set. */
export interface FileException {
  memberSince: string;
  contentCreator: boolean;
}

/** A stored content of a file. */
export interface FileVersion extends GroupFileContent {
  /** From 1. */
  version: number;
  storedBy: string;
  /** ISO UTC. */
  storedAt: string;
}

/** How many contents of a file the product keeps. Source: docs/domain.md §9 */
const KEPT_VERSIONS = 10;

export interface KnownGroupFile {
  status: 'there';
  groupId: string;
  /** Of a file with content, size and type are those of its newest version, and the address is null. */
  entry: Omit<GroupFileEntry, 'url'> & { url: string | null };
  /** The versions that are kept, oldest first. Empty for a link. */
  versions: readonly FileVersion[];
  addedBy: string;
  /** ISO UTC. */
  addedAt: string;
  /** By the membership's id. */
  exceptions: Readonly<Record<string, FileException>>;
}
export type GroupFile = { status: 'none' } | KnownGroupFile;

export const NO_GROUP_FILE: GroupFile = { status: 'none' };

export function evolveGroupFile(state: GroupFile, event: GroupFileEvent): GroupFile {
  if (event.type === 'GroupFileAdded') {
    const { groupId, ...entry } = event.data;
    return {
      status: 'there',
      groupId,
      entry,
      versions: [],
      addedBy: event.metadata.actor,
      addedAt: event.recordedAt,
      exceptions: {},
    };
  }
  if (event.type === 'GroupFileUploaded') {
    const { groupId, name, ...content } = event.data;
    const [storedBy, storedAt] = [event.metadata.actor, event.recordedAt];
    return {
      status: 'there',
      groupId,
      entry: { name, size: content.size, type: content.type, url: null },
      versions: [{ ...content, version: 1, storedBy, storedAt }],
      addedBy: storedBy,
      addedAt: storedAt,
      exceptions: {},
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'GroupFileEdited':
      return { ...state, entry: { ...state.entry, ...event.data } };
    case 'GroupFileContentStored': {
      const version = { ...event.data, storedBy: event.metadata.actor, storedAt: event.recordedAt };
      return {
        ...state,
        entry: { ...state.entry, size: version.size, type: version.type },
        // A read model may meet an event again.
        versions: [...state.versions.filter((each) => each.version < version.version), version].slice(-KEPT_VERSIONS),
      };
    }
    case 'GroupFileRemoved':
      return NO_GROUP_FILE;
    case 'GroupFileExceptionSet': {
      const { memberId, ...exception } = event.data;
      return { ...state, exceptions: { ...state.exceptions, [memberId]: exception } };
    }
    case 'GroupFileExceptionCleared':
      return {
        ...state,
        exceptions: Object.fromEntries(
          Object.entries(state.exceptions).filter(([memberId]) => memberId !== event.data.memberId),
        ),
      };
  }
}

/** Returns no event for a file that exists, so a repeated command stores nothing. */
export function addGroupFile(file: GroupFile, groupId: string, entry: GroupFileEntry): GroupFileDomainEvent[] {
  return file.status === 'there' ? [] : [{ type: 'GroupFileAdded', data: { groupId, ...entry } }];
}

/** Returns no event for a file that exists, so a repeated command stores nothing. */
export function uploadGroupFile(
  file: GroupFile,
  groupId: string,
  name: string,
  content: GroupFileContent,
): GroupFileDomainEvent[] {
  return file.status === 'there' ? [] : [{ type: 'GroupFileUploaded', data: { groupId, name, ...content } }];
}

/**
 * Stores the next version of a file. Returns no event for the content that the file has already.
 * @throws RuleBroken `not-found`, `file-is-a-link`
 */
export function storeFileContent(file: GroupFile, content: GroupFileContent): GroupFileDomainEvent[] {
  const { version, sha256 } = newestVersion(mustBeThere(file));
  return sha256 === content.sha256
    ? []
    : [{ type: 'GroupFileContentStored', data: { version: version + 1, ...content } }];
}

/** The versions that a file stops keeping with its next version. */
export function versionsDroppedNext({ versions }: KnownGroupFile): readonly FileVersion[] {
  return versions.slice(0, Math.max(0, versions.length + 1 - KEPT_VERSIONS));
}

/** @throws RuleBroken `file-is-a-link` */
export function newestVersion({ versions }: KnownGroupFile): FileVersion {
  const newest = versions.at(-1);
  if (!newest) throw new RuleBroken('file-is-a-link');
  return newest;
}

/**
 * Returns no event when nothing differs. The name alone of a file with content can be edited.
 * @throws RuleBroken `not-found`, `file-has-content`
 */
export function editGroupFile(file: GroupFile, changes: Partial<GroupFileEntry>): GroupFileDomainEvent[] {
  const { entry, versions } = mustBeThere(file);
  const ofLinks = [changes.size, changes.type, changes.url];
  if (versions.length > 0 && ofLinks.some((value) => value !== undefined)) throw new RuleBroken('file-has-content');
  const differing = Object.entries<unknown>(changes).filter(
    ([field, value]) => value !== undefined && value !== entry[field as keyof GroupFileEntry],
  );
  return differing.length === 0 ? [] : [{ type: 'GroupFileEdited', data: Object.fromEntries(differing) }];
}

/** @throws RuleBroken `not-found` */
export function removeGroupFile(file: GroupFile): GroupFileDomainEvent[] {
  mustBeThere(file);
  return [{ type: 'GroupFileRemoved', data: {} }];
}

/** Gives or denies a member content-creator rights on this file alone. Idempotent. @throws RuleBroken `not-found` */
export function setFileException(file: GroupFile, memberId: string, exception: FileException): GroupFileDomainEvent[] {
  const before = mustBeThere(file).exceptions[memberId];
  const same = before?.memberSince === exception.memberSince && before.contentCreator === exception.contentCreator;
  return same ? [] : [{ type: 'GroupFileExceptionSet', data: { memberId, ...exception } }];
}

/** Ends the exception, so that the member's set decides again. Idempotent. @throws RuleBroken `not-found` */
export function clearFileException(file: GroupFile, memberId: string): GroupFileDomainEvent[] {
  return mustBeThere(file).exceptions[memberId] ? [{ type: 'GroupFileExceptionCleared', data: { memberId } }] : [];
}

/** @throws RuleBroken `not-found` */
export function mustBeThere(file: GroupFile): KnownGroupFile {
  if (file.status === 'none') throw new RuleBroken('not-found');
  return file;
}

export const ACCESS_REASONS = ['permission-set', 'exception', 'platform'] as const;

/** The access of a person to a file, and its reason. */
export interface FileAccess {
  mayView: boolean;
  mayEdit: boolean;
  reason: (typeof ACCESS_REASONS)[number];
}

/** The access of a super-admin, whatever their membership, set or exceptions. */
export const ACCESS_BY_PLATFORM: FileAccess = { mayView: true, mayEdit: true, reason: 'platform' };

/**
 * Every member may view the file. An exception for this very membership decides about editing, otherwise the set.
 * Source: docs/domain.md §9
 */
export function accessOf(
  member: Pick<ActiveGroupMember, 'permissionSet' | 'since'>,
  exception: FileException | undefined,
): FileAccess {
  if (exception && Date.parse(exception.memberSince) === Date.parse(member.since))
    return { mayView: true, mayEdit: exception.contentCreator, reason: 'exception' };
  return { mayView: true, mayEdit: permissionsOf(member).contentCreator, reason: 'permission-set' };
}
