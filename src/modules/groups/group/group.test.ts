import type { GroupDomainEvent } from './group.events.js';
import {
  createGroup,
  deleteGroup,
  editGroup,
  evolveGroup,
  restorableUntil,
  restoreGroup,
  UNKNOWN_GROUP,
  type Group,
} from './group.js';
import { decider, recorded, THEN } from '../../../../test/support/given.js';

const given = decider<Group, GroupDomainEvent>(UNKNOWN_GROUP, evolveGroup);

const RIVERSIDE = '44444444-0000-4000-8000-000000000001';
const profile = { name: 'Tumour board', description: null };
const created: GroupDomainEvent = { type: 'GroupCreated', data: { organisationId: RIVERSIDE, ...profile } };
const renamed: GroupDomainEvent = { type: 'GroupEdited', data: { name: 'Tumor board' } };
const deleted: GroupDomainEvent = { type: 'GroupDeleted', data: {} };
const restored: GroupDomainEvent = { type: 'GroupRestored', data: {} };
const board = { status: 'active', organisationId: RIVERSIDE, ...profile, createdAt: THEN };
/** `THEN` and thirty days. */
const END = '2026-02-04T10:00:00.000Z';

it('a group is created once', () => {
  given()
    .when((group) => createGroup(group, RIVERSIDE, profile))
    .then(created);
  given(created)
    .when((group) => createGroup(group, RIVERSIDE, profile))
    .thenNothing();
  expect(given(created).state).toEqual(board);
});

describe('editing a group', () => {
  it('stores only the fields that differ, and null is a value', () => {
    given(created)
      .when((group) => editGroup(group, { name: 'Tumor board', description: null }))
      .then(renamed);
    given(created, { type: 'GroupEdited', data: { description: 'Mondays' } })
      .when((group) => editGroup(group, { description: null }))
      .then({ type: 'GroupEdited', data: { description: null } });
    expect(given(created, renamed).state).toEqual({ ...board, name: 'Tumor board' });
  });

  it('stores nothing when nothing differs', () => {
    for (const changes of [{}, profile, { name: profile.name }])
      given(created)
        .when((group) => editGroup(group, changes))
        .thenNothing();
  });

  it.each([
    ['an unknown group', []],
    ['a deleted group', [created, deleted]],
  ])('is refused for %s', (_, history) => {
    given(...history)
      .when((group) => editGroup(group, { name: 'Tumor board' }))
      .thenRefused('not-found');
  });
});

describe('deleting a group', () => {
  it('keeps its details and the moment of deletion, and a repeat stores nothing', () => {
    given(created).when(deleteGroup).then(deleted);
    const later = recorded(deleted, 1, { recordedAt: '2026-03-01T00:00:00.000Z' });
    expect(given(created, later).state).toEqual({ ...board, status: 'deleted', deletedAt: '2026-03-01T00:00:00.000Z' });
    given(created, deleted).when(deleteGroup).thenNothing();
    given().when(deleteGroup).thenRefused('not-found');
  });
});

describe('restoring a group', () => {
  const at = (time: string) => (group: Group) => restoreGroup(group, new Date(time));

  it('is possible until thirty days after it was deleted, to the millisecond', () => {
    expect(restorableUntil(THEN)).toBe(END);
    given(created, deleted).when(at('2026-02-04T09:59:59.999Z')).then(restored);
    given(created, deleted).when(at(END)).thenRefused('not-restorable');
    given(created, deleted).when(at('2027-01-01T00:00:00.000Z')).thenRefused('not-restorable');
  });

  it('brings it back unchanged, and a second deletion starts another thirty days', () => {
    const again = recorded(deleted, 4, { recordedAt: '2026-01-30T10:00:00.000Z' });
    expect(given(created, renamed, deleted, restored).state).toEqual({ ...board, name: 'Tumor board' });
    given(created, deleted, restored, again).when(at('2026-02-20T10:00:00.000Z')).then(restored);
  });

  it('stores nothing for a group that exists, and is refused for an unknown group', () => {
    given(created).when(at(END)).thenNothing();
    given(created, deleted, restored).when(at('2027-01-01T00:00:00.000Z')).thenNothing();
    given().when(at(END)).thenRefused('not-found');
  });
});

it('events about a group that was never created change nothing', () => {
  for (const domainEvent of [renamed, deleted, restored]) expect(given(domainEvent).state).toEqual(UNKNOWN_GROUP);
});
