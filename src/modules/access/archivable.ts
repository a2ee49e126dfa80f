import { RuleBroken } from '../../shared/problems/problem-codes.js';

/** Something with a profile that can be archived and restored: organisations and deployments. */
export type Archivable<Profile> = { status: 'unknown' } | { status: 'active' | 'archived'; profile: Profile };

/** The changes that differ from the profile; null when none does. @throws RuleBroken `not-found`, `scope-archived` */
export function changesTo<Profile extends object>(
  state: Archivable<Profile>,
  changes: Partial<Profile>,
): Partial<Profile> | null {
  const { profile } = mustBeActive(state);
  const differing = Object.entries(changes).filter(
    ([field, value]) =>
      value !== undefined && JSON.stringify(profile[field as keyof Profile]) !== JSON.stringify(value),
  );
  return differing.length === 0 ? null : (Object.fromEntries(differing) as Partial<Profile>);
}

/** @throws RuleBroken `not-found`, `scope-archived` */
export function mustBeActive<Profile>(state: Archivable<Profile>): { profile: Profile } {
  if (state.status === 'unknown') throw new RuleBroken('not-found');
  if (state.status === 'archived') throw new RuleBroken('scope-archived');
  return state;
}

/** Whether it is archived, so that a restore stores an event. @throws RuleBroken `not-found` */
export function isRestorable(state: Archivable<unknown>): boolean {
  if (state.status === 'unknown') throw new RuleBroken('not-found');
  return state.status === 'archived';
}
