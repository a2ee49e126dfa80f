import type { GroupFileDomainEvent } from './group-file.events.js';
import {
  accessOf,
  addGroupFile,
  clearFileException,
  editGroupFile,
  evolveGroupFile,
  NO_GROUP_FILE,
  newestVersion,
  removeGroupFile,
  setFileException,
  storeFileContent,
  uploadGroupFile,
  versionsDroppedNext,
  type GroupFile,
  type KnownGroupFile,
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
const there = {
  status: 'there',
  groupId: BOARD,
  entry,
  versions: [],
  addedBy: SOMEBODY,
  addedAt: THEN,
  exceptions: {},
};

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

describe('a file with content', () => {
  const contentOf = (nth: number) => ({
    contentId: `c${String(nth)}`,
    size: nth,
    type: 'text/plain',
    sha256: `hash ${String(nth)}`,
  });
  const uploaded: GroupFileDomainEvent = {
    type: 'GroupFileUploaded',
    data: { groupId: BOARD, name: 'Plan.txt', ...contentOf(1) },
  };
  const stored = (version: number): GroupFileDomainEvent => ({
    type: 'GroupFileContentStored',
    data: { version, ...contentOf(version) },
  });
  const storing = (nth: number) => (file: GroupFile) => storeFileContent(file, contentOf(nth));
  const versionsAfter = (...events: GroupFileDomainEvent[]) =>
    (given(...events).state as KnownGroupFile).versions.map(({ version }) => version);

  it('is uploaded once, and its entry follows the newest version', () => {
    given()
      .when((file) => uploadGroupFile(file, BOARD, 'Plan.txt', contentOf(1)))
      .then(uploaded);
    given(uploaded)
      .when((file) => uploadGroupFile(file, BOARD, 'Plan.txt', contentOf(2)))
      .thenNothing();
    expect(given(uploaded, stored(2)).state).toMatchObject({
      entry: { name: 'Plan.txt', size: 2, type: 'text/plain', url: null },
      versions: [contentOf(1), { ...contentOf(2), version: 2, storedBy: SOMEBODY, storedAt: THEN }],
    });
  });

  it('gets the next number for each version, and the same content is not stored again', () => {
    given(uploaded).when(storing(2)).then(stored(2));
    given(uploaded).when(storing(1)).thenNothing();
    given(uploaded, stored(2))
      .when(storing(1))
      .then({ type: 'GroupFileContentStored', data: { version: 3, ...contentOf(1) } });
  });

  it('keeps the last ten versions, and names those that the next one drops', () => {
    const nine = Array.from({ length: 8 }, (_, n) => stored(n + 2));
    expect(versionsDroppedNext(given(uploaded, ...nine).state as KnownGroupFile)).toEqual([]);
    const ten = given(uploaded, ...nine, stored(10)).state as KnownGroupFile;
    expect(versionsDroppedNext(ten).map(({ version }) => version)).toEqual([1]);
    expect(versionsAfter(uploaded, ...nine, stored(10), stored(11))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('can be renamed, and has no address, size or type to edit', () => {
    given(uploaded)
      .when((file) => editGroupFile(file, { name: 'Plan B.txt' }))
      .then({ type: 'GroupFileEdited', data: { name: 'Plan B.txt' } });
    for (const changes of [{ url: 'https://elsewhere.example' }, { size: null }, { type: 'text/html' }])
      given(uploaded)
        .when((file) => editGroupFile(file, changes))
        .thenRefused('file-has-content');
  });

  it('is not what a link is', () => {
    given(added).when(storing(1)).thenRefused('file-is-a-link');
    given(added)
      .when((file) => [newestVersion(file as KnownGroupFile)] as never)
      .thenRefused('file-is-a-link');
  });

  it('has no versions once it is removed', () => {
    expect(given(uploaded, stored(2), removed).state).toEqual(NO_GROUP_FILE);
    given(uploaded, removed).when(storing(2)).thenRefused('not-found');
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
