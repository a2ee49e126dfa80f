import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { OwnershipEvent, OwnershipDomainEvent, ReleaseChange } from './ownership.events.js';

/**
 * Who owns a scope. An owner is registered after becoming one and released before ceasing to be one, so none is listed
 * wrongly.
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

/** Idempotent. */
export function registerOwner(ownership: Ownership, personId: string): OwnershipDomainEvent[] {
  return ownership.owners.has(personId) ? [] : [{ type: 'OwnerRegistered', data: { personId } }];
}

/**
 * Releases an owner, who may not be registered yet.
 * @param needsNoOther the change leaves them an owner, to be registered again after it, or the last owner may be lost
 * @throws RuleBroken `last-owner`
 */
export function releaseOwner(
  ownership: Ownership,
  personId: string,
  change: ReleaseChange,
  needsNoOther = false,
): OwnershipDomainEvent[] {
  const others = [...ownership.owners].filter((owner) => owner !== personId);
  if (others.length === 0 && !needsNoOther) throw new RuleBroken('last-owner');
  return [...registerOwner(ownership, personId), { type: 'OwnerReleased', data: { personId, change } }];
}
