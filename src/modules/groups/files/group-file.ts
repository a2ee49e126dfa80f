import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { GroupFileEntry, GroupFileEvent, GroupFileDomainEvent } from './group-file.events.js';
import type { ActiveGroupMember } from '../members/group-member.js';
import { permissionsOf } from '../members/group-member.js';

/** An exception for one member: it gives or denies content-creator rights, whatever their set. */
export interface FileException {
  memberSince: string;
  contentCreator: boolean;
}

export interface KnownGroupFile {
  status: 'there';
  groupId: string;
  entry: GroupFileEntry;
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
      addedBy: event.metadata.actor,
      addedAt: event.recordedAt,
      exceptions: {},
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'GroupFileEdited':
      return { ...state, entry: { ...state.entry, ...event.data } };
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

/** Returns no event when nothing differs. @throws RuleBroken `not-found` */
export function editGroupFile(file: GroupFile, changes: Partial<GroupFileEntry>): GroupFileDomainEvent[] {
  const { entry } = mustBeThere(file);
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
