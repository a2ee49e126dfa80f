import type { GroupMemberEvent, GroupMemberDomainEvent } from './group-member.events.js';
import {
  changePermissions,
  endGroupMembership,
  evolveGroupMember,
  GROUP_MEMBERS,
  joinAsFounder,
  NO_GROUP_MEMBER,
  permissionsOf,
  type ActiveGroupMember,
  type GroupMember,
} from './group-member.js';
import { keyOf, PERMISSION_SETS, setOf, type PermissionSetKey } from './permission-set.js';
import { decider, recorded, THEN } from '../../../../test/support/given.js';

type Told = GroupMemberDomainEvent | Pick<GroupMemberEvent & { type: 'InvitationAccepted' }, 'type' | 'data'>;
const given = decider<GroupMember, Told>(NO_GROUP_MEMBER, evolveGroupMember);

const ANN = '22222222-0000-4000-8000-000000000001';
const BOARD = { kind: 'group', id: '44444444-0000-4000-8000-000000000003' } as const;
const REASON = { personId: ANN, sealed: 'c2VhbGVk' };
const KEYS = Object.keys(PERMISSION_SETS) as PermissionSetKey[];
const accepted = (role: string): Told => ({
  type: 'InvitationAccepted',
  data: { invitationId: '11111111-0000-4000-8000-000000000001', personId: ANN, grant: { role } },
});
const founded: GroupMemberDomainEvent = {
  type: 'GroupFounderJoined',
  data: { personId: ANN, permissionSet: 'administrator-content-creator' },
};
const left: GroupMemberDomainEvent = { type: 'GroupMemberLeft', data: { permissionSet: 'viewer' } };
const removed: GroupMemberDomainEvent = { type: 'GroupMemberRemoved', data: { permissionSet: 'viewer' } };
/** A decision about an active member, as a decision about any member. */
const active = (decide: (member: ActiveGroupMember) => GroupMemberDomainEvent[]) => (member: GroupMember) =>
  decide(member as ActiveGroupMember);

it('the keys of the four permission sets stay as events hold them', () => {
  expect(KEYS.map((key) => [key, PERMISSION_SETS[key].administrator, PERMISSION_SETS[key].contentCreator])).toEqual([
    ['administrator-content-creator', true, true],
    ['administrator', true, false],
    ['content-creator', false, true],
    ['viewer', false, false],
  ]);
  for (const key of KEYS) expect(keyOf(setOf(key))).toBe(key);
  for (const key of ['admin', '', 'toString', undefined, 5]) expect(() => setOf(key)).toThrow(TypeError);
});

describe('becoming a member', () => {
  it.each(KEYS)('gives the permission set that was offered: %s', (key) => {
    const { state } = given(accepted(key));
    expect(state).toEqual({ status: 'active', personId: ANN, permissionSet: key, since: THEN });
    expect(permissionsOf(state as ActiveGroupMember)).toEqual({
      administrator: PERMISSION_SETS[key].administrator,
      contentCreator: PERMISSION_SETS[key].contentCreator,
    });
  });

  it('makes the founder an administrator and content creator, once', () => {
    given()
      .when((member) => joinAsFounder(member, ANN))
      .then(founded);
    given(founded)
      .when((member) => joinAsFounder(member, ANN))
      .thenNothing();
    given(accepted('viewer'))
      .when((member) => joinAsFounder(member, ANN))
      .thenNothing();
  });

  it('after leaving starts another membership, with the permission set of the new offer', () => {
    const again = recorded(accepted('viewer'), 2, { recordedAt: '2026-06-01T00:00:00.000Z' });
    expect(given(founded, left, again).state).toEqual({
      status: 'active',
      personId: ANN,
      permissionSet: 'viewer',
      since: '2026-06-01T00:00:00.000Z',
    });
  });
});

describe('changing permissions', () => {
  it.each(KEYS.flatMap((from) => KEYS.map((to) => [from, to] as const)))('from %s to %s', (from, to) => {
    const outcome = given(accepted(from)).when(active((member) => changePermissions(member, setOf(to), REASON)));
    if (from === to) outcome.thenNothing();
    else outcome.then({ type: 'GroupPermissionsChanged', data: { from, to, reason: REASON } });
  });

  it('needs no reason, and keeps the moment of joining', () => {
    const changed: GroupMemberDomainEvent = {
      type: 'GroupPermissionsChanged',
      data: { from: 'viewer', to: 'administrator' },
    };
    given(accepted('viewer'))
      .when(active((member) => changePermissions(member, { administrator: true, contentCreator: false })))
      .then(changed);
    expect(
      given(accepted('viewer'), recorded(changed, 1, { recordedAt: '2026-06-01T00:00:00.000Z' })).state,
    ).toMatchObject({ permissionSet: 'administrator', since: THEN });
  });
});

it('the end of a membership records the lost permissions, and whether the member left or was removed', () => {
  given(accepted('viewer'))
    .when(active((member) => endGroupMembership(member, 'removed')))
    .then(removed);
  given(accepted('viewer'))
    .when(active((member) => endGroupMembership(member, 'left', REASON)))
    .then({ type: 'GroupMemberLeft', data: { permissionSet: 'viewer', reason: REASON } });
  for (const end of [left, removed]) expect(given(founded, end).state).toEqual(NO_GROUP_MEMBER);
});

it('only administrators count as owners of a group', () => {
  const owners = KEYS.filter((key) => GROUP_MEMBERS.isOwner(given(accepted(key)).state as ActiveGroupMember, BOARD));
  expect(owners).toEqual(['administrator-content-creator', 'administrator']);
});

it('events about a person who never became a member change nothing', () => {
  for (const domainEvent of [
    left,
    removed,
    { type: 'GroupPermissionsChanged', data: { from: 'viewer', to: 'administrator' } } as const,
  ])
    expect(given(domainEvent).state).toEqual(NO_GROUP_MEMBER);
});
