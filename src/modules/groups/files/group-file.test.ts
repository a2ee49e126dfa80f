import type { GroupFileDomainEvent } from './group-file.events.js';
import {
  accessOf,
  addGroupFile,
  clearFileException,
  editGroupFile,
  evolveGroupFile,
  NO_GROUP_FILE,
  removeGroupFile,
  setFileException,
  type GroupFile,
} from './group-file.js';
import { decider, SOMEBODY, THEN } from '../../../../test/support/given.js';

const given = decider<GroupFile, GroupFileDomainEvent>(NO_GROUP_FILE, evolveGroupFile);

const BOARD = '44444444-0000-4000-8000-000000000003';
const [ANN, BOB] = ['33333333-0000-5000-8000-000000000001', '33333333-0000-5000-8000-000000000002'];
const LATER = '2026-06-01T00:00:00.000Z';
const entry = { name: 'Minutes.pdf', size: 20_480, type: null, url: 'https://files.example.org/7f3a' };
const added: GroupFileDomainEvent = { type: 'GroupFileAdded', data: { groupId: BOARD, ...entry } };
const removed: GroupFileDomainEvent = { type: 'GroupFileRemoved', data: {} };
const allowed: GroupFileDomainEvent = {
  type: 'GroupFileExceptionSet',
  data: { memberId: ANN, memberSince: THEN, contentCreator: true },
};
const denied: GroupFileDomainEvent = {
  type: 'GroupFileExceptionSet',
  data: { memberId: ANN, memberSince: THEN, contentCreator: false },
};
const there = { status: 'there', groupId: BOARD, entry, addedBy: SOMEBODY, addedAt: THEN, exceptions: {} };

it('a file is added once', () => {
  given()
    .when((file) => addGroupFile(file, BOARD, entry))
    .then(added);
  given(added)
    .when((file) => addGroupFile(file, BOARD, entry))
    .thenNothing();
  expect(given(added).state).toEqual(there);
});

it('editing stores only the fields that differ, and null is a value', () => {
  given(added)
    .when((file) => editGroupFile(file, { name: 'Minutes.pdf', size: null }))
    .then({ type: 'GroupFileEdited', data: { size: null } });
  for (const changes of [{}, entry])
    given(added)
      .when((file) => editGroupFile(file, changes))
      .thenNothing();
  expect(given(added, { type: 'GroupFileEdited', data: { type: 'application/pdf' } }).state).toEqual({
    ...there,
    entry: { ...entry, type: 'application/pdf' },
  });
});

it('removing a file removes its exceptions', () => {
  given(added).when(removeGroupFile).then(removed);
  expect(given(added, allowed, removed).state).toEqual(NO_GROUP_FILE);
});

describe('an exception', () => {
  const setting =
    (contentCreator: boolean, memberSince = THEN, memberId = ANN) =>
    (file: GroupFile) =>
      setFileException(file, memberId, { memberSince, contentCreator });
  const clearing =
    (memberId = ANN) =>
    (file: GroupFile) =>
      clearFileException(file, memberId);

  it('is set, replaced and cleared, and a repeat stores nothing', () => {
    given(added).when(setting(true)).then(allowed);
    given(added, allowed).when(setting(true)).thenNothing();
    given(added, allowed).when(setting(false)).then(denied);
    given(added, allowed)
      .when(clearing())
      .then({ type: 'GroupFileExceptionCleared', data: { memberId: ANN } });
    given(added).when(clearing()).thenNothing();
    given(added, allowed).when(clearing(BOB)).thenNothing();
    expect(given(added, allowed, { type: 'GroupFileExceptionCleared', data: { memberId: ANN } }).state).toEqual(there);
  });

  it('belongs to one membership, so a member who comes back has none', () => {
    given(added, allowed)
      .when(setting(true, LATER))
      .then({ type: 'GroupFileExceptionSet', data: { memberId: ANN, memberSince: LATER, contentCreator: true } });
  });

  it('of one member is cleared without those of other members', () => {
    const ofBob: GroupFileDomainEvent = {
      type: 'GroupFileExceptionSet',
      data: { memberId: BOB, memberSince: THEN, contentCreator: true },
    };
    expect(
      given(added, ofBob, allowed, { type: 'GroupFileExceptionCleared', data: { memberId: ANN } }).state,
    ).toMatchObject({ exceptions: { [BOB]: { contentCreator: true } } });
  });
});

it.each([
  ['an unknown file', []],
  ['a removed file', [added, removed]],
])('every change is refused for %s', (_, history) => {
  for (const decide of [
    (file: GroupFile) => editGroupFile(file, { name: 'x' }),
    removeGroupFile,
    (file: GroupFile) => clearFileException(file, ANN),
    (file: GroupFile) => setFileException(file, ANN, { memberSince: THEN, contentCreator: true }),
  ])
    given(...history)
      .when(decide)
      .thenRefused('not-found');
});

describe('what a member may do with a file', () => {
  const EXCEPTIONS = { none: undefined, given: true, denied: false } as const;
  const cases = (['administrator-content-creator', 'administrator', 'content-creator', 'viewer'] as const).flatMap(
    (set) => (Object.keys(EXCEPTIONS) as (keyof typeof EXCEPTIONS)[]).map((exception) => [set, exception] as const),
  );

  it.each(cases)('%s, exception: %s', (permissionSet, which) => {
    const contentCreator = EXCEPTIONS[which];
    const exception = contentCreator === undefined ? undefined : { memberSince: THEN, contentCreator };
    const bySet = permissionSet.endsWith('content-creator');
    expect(accessOf({ permissionSet, since: THEN }, exception)).toEqual({
      mayView: true,
      mayEdit: contentCreator ?? bySet,
      reason: exception ? 'exception' : 'permission-set',
    });
    // The exception belongs to another membership of the same member.
    expect(accessOf({ permissionSet, since: LATER }, exception)).toEqual({
      mayView: true,
      mayEdit: bySet,
      reason: 'permission-set',
    });
  });
});

it('events about a file that was never added change nothing', () => {
  for (const domainEvent of [removed, allowed, denied]) expect(given(domainEvent).state).toEqual(NO_GROUP_FILE);
});
