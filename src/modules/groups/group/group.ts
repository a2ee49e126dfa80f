import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { GroupEvent, GroupDomainEvent, GroupProfile } from './group.events.js';

type Profile = GroupProfile & { organisationId: string; createdAt: string };

export type Group =
  | { status: 'unknown' }
  | ({ status: 'active' } & Profile)
  | ({ status: 'deleted'; /** ISO UTC. */ deletedAt: string } & Profile);
export type KnownGroup = Exclude<Group, { status: 'unknown' }>;

export const UNKNOWN_GROUP: Group = { status: 'unknown' };

/** How long a deleted group can be restored. Source: docs/domain.md §9 */
const RESTORABLE_DAYS = 30;
const DAY_MS = 86_400_000;

export function evolveGroup(state: Group, event: GroupEvent): Group {
  switch (event.type) {
    case 'GroupCreated':
      return { status: 'active', ...event.data, createdAt: event.recordedAt };
    case 'GroupEdited':
      return state.status === 'unknown' ? state : { ...state, ...event.data };
    case 'GroupDeleted':
      return state.status === 'unknown' ? state : { ...state, status: 'deleted', deletedAt: event.recordedAt };
    case 'GroupRestored': {
      if (state.status === 'unknown') return state;
      const { name, description, organisationId, createdAt } = state;
      return { status: 'active', name, description, organisationId, createdAt };
    }
  }
}

/** Returns no event for a group that exists, so a repeated command stores nothing. */
export function createGroup(group: Group, organisationId: string, profile: GroupProfile): GroupDomainEvent[] {
  return group.status === 'unknown' ? [{ type: 'GroupCreated', data: { organisationId, ...profile } }] : [];
}

/** Returns no event when nothing differs. @throws RuleBroken `not-found` for a deleted group */
export function editGroup(group: Group, changes: Partial<GroupProfile>): GroupDomainEvent[] {
  if (group.status !== 'active') throw new RuleBroken('not-found');
  const differing = Object.entries<unknown>(changes).filter(
    ([field, value]) => value !== undefined && value !== group[field as keyof GroupProfile],
  );
  return differing.length === 0 ? [] : [{ type: 'GroupEdited', data: Object.fromEntries(differing) }];
}

/** Returns no event for a deleted group. @throws RuleBroken `not-found` */
export function deleteGroup(group: Group): GroupDomainEvent[] {
  if (group.status === 'unknown') throw new RuleBroken('not-found');
  return group.status === 'deleted' ? [] : [{ type: 'GroupDeleted', data: {} }];
}

/**
 * Returns no event for a group that isn't deleted.
 * @throws RuleBroken `not-found`; `not-restorable` from 30 days after the deletion
 */
export function restoreGroup(group: Group, now: Date): GroupDomainEvent[] {
  if (group.status === 'unknown') throw new RuleBroken('not-found');
  if (group.status === 'active') return [];
  if (isGone(group, now)) throw new RuleBroken('not-restorable');
  return [{ type: 'GroupRestored', data: {} }];
}

/** Whether the group was deleted so long ago that nobody can restore it or see it. */
export function isGone(group: Group, now: Date): boolean {
  return group.status === 'deleted' && now.toISOString() >= restorableUntil(group.deletedAt);
}

/** A group deleted at or before this moment is gone: ISO UTC. */
export function goneBefore(now: Date): string {
  return new Date(now.getTime() - RESTORABLE_DAYS * DAY_MS).toISOString();
}

/** Until when a group deleted at `deletedAt` can be restored: ISO UTC, exclusive. */
export function restorableUntil(deletedAt: string): string {
  return new Date(Date.parse(deletedAt) + RESTORABLE_DAYS * DAY_MS).toISOString();
}
