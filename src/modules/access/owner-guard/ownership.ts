import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { OwnershipEvent, OwnershipDomainEvent, ReleaseChange } from './ownership.events.js';

/**
 * The owners of a scope. A person is registered after they get the role and released before they lose it, so every
 * registered person is an owner.
 */
export interface Ownership {
  owners: ReadonlySet<string>;
  /** The last release of each person who isn't registered now. */
  released: ReadonlyMap<string, ReleaseChange>;
}

export const NO_OWNERS: Ownership = { owners: new Set(), released: new Map() };

export function evolveOwnership(state: Ownership, event: OwnershipEvent): Ownership {
  const { personId } = event.data;
  const owners = new Set(state.owners);
  const released = new Map(state.released);
  switch (event.type) {
    case 'OwnerRegistered':
      owners.add(personId);
      released.delete(personId);
      return { owners, released };
    case 'OwnerReleased':
      owners.delete(personId);
      released.set(personId, event.data.change);
      return { owners, released };
  }
}

/** Returns no event for a registered owner. */
export function registerOwner(ownership: Ownership, personId: string): OwnershipDomainEvent[] {
  return ownership.owners.has(personId) ? [] : [{ type: 'OwnerRegistered', data: { personId } }];
}

/** @throws RuleBroken `last-owner` when nobody else is registered */
export function mustHaveAnother({ owners }: Ownership, personId: string): void {
  if (![...owners].some((owner) => owner !== personId)) throw new RuleBroken('last-owner');
}

/**
 * Releases an owner, and registers them before that if necessary.
 * @param needsNoOther true if they stay an owner, whom the caller registers again, or if the last owner may go
 * @throws RuleBroken `last-owner`
 */
export function releaseOwner(
  ownership: Ownership,
  personId: string,
  change: ReleaseChange,
  needsNoOther = false,
): OwnershipDomainEvent[] {
  if (!needsNoOther) mustHaveAnother(ownership, personId);
  return [...registerOwner(ownership, personId), { type: 'OwnerReleased', data: { personId, change } }];
}
