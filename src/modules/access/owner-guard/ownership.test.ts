import type { OwnershipDomainEvent, ReleaseChange } from './ownership.events.js';
import { evolveOwnership, NO_OWNERS, registerOwner, releaseOwner, type Ownership } from './ownership.js';
import { decider } from '../../../../test/support/given.js';

const given = decider<Ownership, OwnershipDomainEvent>(NO_OWNERS, evolveOwnership);

const change: ReleaseChange = {
  stream: 'staff-33333333-0000-4000-8000-000000000001',
  expectedRevision: 4,
  fact: { type: 'StaffMemberLeft', data: { role: 'organisation-owner' } },
  actor: 'ann',
  commandId: 'command',
};
const owner = (personId: string): OwnershipDomainEvent => ({ type: 'OwnerRegistered', data: { personId } });
const release = (personId: string): OwnershipDomainEvent => ({ type: 'OwnerReleased', data: { personId, change } });

describe('registering an owner', () => {
  it('adds the owner', () => {
    given()
      .when((none) => registerOwner(none, 'ann'))
      .then(owner('ann'));
    given(owner('ann'))
      .when((ownership) => registerOwner(ownership, 'bob'))
      .then(owner('bob'));
  });

  it('stores nothing for a registered owner', () => {
    given(owner('ann'))
      .when((ownership) => registerOwner(ownership, 'ann'))
      .thenNothing();
  });

  it('makes a released owner an owner again, and cancels the release', () => {
    given(owner('ann'), owner('bob'), release('ann'))
      .when((ownership) => registerOwner(ownership, 'ann'))
      .then(owner('ann'));
    expect(given(owner('ann'), owner('bob'), release('ann'), owner('ann')).state.released.size).toBe(0);
  });
});

describe('releasing an owner', () => {
  it('releases one of two owners, and keeps the event to store afterwards', () => {
    given(owner('ann'), owner('bob'))
      .when((ownership) => releaseOwner(ownership, 'ann', change))
      .then(release('ann'));
    const { state } = given(owner('ann'), owner('bob'), release('ann'));
    expect([[...state.owners], [...state.released]]).toEqual([['bob'], [['ann', change]]]);
  });

  it('is refused for the last owner', () => {
    given(owner('ann'))
      .when((ownership) => releaseOwner(ownership, 'ann', change))
      .thenRefused('last-owner');
    given(owner('ann'), owner('bob'), release('ann'))
      .when((ownership) => releaseOwner(ownership, 'bob', change))
      .thenRefused('last-owner');
  });

  it('is refused when no owner is registered, because none would be left', () => {
    given()
      .when((none) => releaseOwner(none, 'ann', change))
      .thenRefused('last-owner');
  });

  it('releases the last owner if they come back, and no other owner meanwhile', () => {
    given(owner('ann'))
      .when((ownership) => releaseOwner(ownership, 'ann', change, true))
      .then(release('ann'));
    given()
      .when((none) => releaseOwner(none, 'ann', change, true))
      .then(owner('ann'), release('ann'));
    given(owner('ann'), owner('bob'), release('ann'))
      .when((ownership) => releaseOwner(ownership, 'bob', change))
      .thenRefused('last-owner');
    given(owner('ann'), release('ann'))
      .when((ownership) => registerOwner(ownership, 'ann'))
      .then(owner('ann'));
  });

  it('registers an unregistered owner before the release', () => {
    given(owner('bob'))
      .when((ownership) => releaseOwner(ownership, 'ann', change))
      .then(owner('ann'), release('ann'));
  });
});
