import type { DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../scope-ref.js';
import type { ScopeProfile } from './scope-profile.js';

/** The state of a scope with a profile: an organisation or a deployment. */
export type Archivable<Profile> = { status: 'unknown' } | { status: 'active' | 'archived'; profile: Profile };

/** The declaration of one kind of scope with a profile. The category of its streams is its kind. */
export interface ScopeDeclaration<Profile extends ScopeProfile, Type extends string = string> {
  readonly kind: 'organisation' | 'deployment';
  readonly types: Readonly<Record<'created' | 'edited' | 'archived' | 'restored', Type>>;
  /** Values of fields that events of older versions lack. */
  readonly defaults?: Partial<Profile>;
  /** The scope above, whose roles hold in this one too. */
  above(profile: Profile): ScopeRef;
}

export function scopeStream({ kind }: Pick<ScopeDeclaration<never>, 'kind'>, id: string): string {
  return StreamId.of(kind, id);
}

/** The state of the scope, from its stream. */
export function scopeFrom<Profile extends ScopeProfile>(
  of: ScopeDeclaration<Profile>,
  history: readonly StoredEvent[],
): Archivable<Profile> {
  return history.reduce<Archivable<Profile>>((state, event) => evolveScope(of, state, event), { status: 'unknown' });
}

export function evolveScope<Profile extends ScopeProfile>(
  { types, defaults }: ScopeDeclaration<Profile>,
  state: Archivable<Profile>,
  { type, data }: DomainEvent,
): Archivable<Profile> {
  if (type === types.created) return { status: 'active', profile: { ...defaults, ...(data as Profile) } };
  if (state.status === 'unknown') return state;
  if (type === types.edited) return { ...state, profile: { ...state.profile, ...data } };
  if (type === types.archived) return { ...state, status: 'archived' };
  return type === types.restored ? { ...state, status: 'active' } : state;
}

/** Returns no event for a scope that exists, so a repeated command stores nothing. */
export function createScope<Profile extends ScopeProfile>(
  { types }: ScopeDeclaration<Profile>,
  state: Archivable<Profile>,
  profile: Profile,
): DomainEvent[] {
  return state.status === 'unknown' ? [{ type: types.created, data: profile }] : [];
}

/**
 * Returns an event with the fields that differ, or no event if none does.
 * @throws RuleBroken `not-found`, `scope-archived`
 */
export function editScope<Profile extends ScopeProfile>(
  { types }: ScopeDeclaration<Profile>,
  state: Archivable<Profile>,
  changes: Partial<Profile>,
): DomainEvent[] {
  const { profile } = mustBeActive(state);
  const differing = Object.entries(changes).filter(
    ([field, value]) =>
      value !== undefined && JSON.stringify(profile[field as keyof Profile]) !== JSON.stringify(value),
  );
  return differing.length === 0 ? [] : [{ type: types.edited, data: Object.fromEntries(differing) }];
}

/** Archives the scope, and with it every scope below. @throws RuleBroken `not-found`, `scope-archived` */
export function archiveScope(
  { types }: Pick<ScopeDeclaration<never>, 'types'>,
  state: Archivable<unknown>,
): DomainEvent[] {
  mustBeActive(state);
  return [{ type: types.archived, data: {} }];
}

/** Returns no event for a scope that isn't archived. @throws RuleBroken `not-found` */
export function restoreScope(
  { types }: Pick<ScopeDeclaration<never>, 'types'>,
  state: Archivable<unknown>,
): DomainEvent[] {
  if (state.status === 'unknown') throw new RuleBroken('not-found');
  return state.status === 'archived' ? [{ type: types.restored, data: {} }] : [];
}

function mustBeActive<Profile>(state: Archivable<Profile>): { profile: Profile } {
  if (state.status === 'unknown') throw new RuleBroken('not-found');
  if (state.status === 'archived') throw new RuleBroken('scope-archived');
  return state;
}
