import type { StaffEvent, StaffDomainEvent } from './staff-member.events.js';
import { changeRole, endMembership, evolveStaffMember, UNKNOWN_MEMBER, type StaffMember } from './staff-member.js';
import { decider, recorded, THEN } from '../../../../test/support/given.js';

type Told = StaffDomainEvent | Pick<StaffEvent & { type: 'InvitationAccepted' }, 'type' | 'data'>;
const given = decider<StaffMember, Told>(UNKNOWN_MEMBER, evolveStaffMember);

const ANN = '22222222-0000-4000-8000-000000000001';
const REASON = { personId: ANN, sealed: 'c2VhbGVk' };
const joined: Told = {
  type: 'InvitationAccepted',
  data: { invitationId: '11111111-0000-4000-8000-000000000001', personId: ANN, grant: { role: 'admin' } },
};
const promoted: StaffDomainEvent = { type: 'StaffRoleChanged', data: { from: 'admin', to: 'contributor' } };
const removed: StaffDomainEvent = { type: 'StaffMemberRemoved', data: { role: 'admin' } };
const left: StaffDomainEvent = { type: 'StaffMemberLeft', data: { role: 'admin' } };

describe('becoming a member', () => {
  it('happens when an invitation is accepted', () => {
    expect(given(joined).state).toEqual({ status: 'active', personId: ANN, role: 'admin', since: THEN });
  });

  it('is possible again after leaving, with the role and the start of the second time', () => {
    const again = recorded({ ...joined, data: { ...joined.data, grant: { role: 'contributor' } } }, 2, {
      recordedAt: '2026-06-01T00:00:00.000Z',
    });
    expect(given(joined, left, again).state).toEqual({
      status: 'active',
      personId: ANN,
      role: 'contributor',
      since: '2026-06-01T00:00:00.000Z',
    });
  });
});

describe('changing a role', () => {
  it('gives a member another role', () => {
    given(joined)
      .when((member) => changeRole(member, 'contributor'))
      .then(promoted);
    expect(given(joined, promoted).state).toMatchObject({ status: 'active', role: 'contributor', since: THEN });
  });

  it('keeps the sealed reason', () => {
    given(joined)
      .when((member) => changeRole(member, 'contributor', REASON))
      .then({ type: 'StaffRoleChanged', data: { from: 'admin', to: 'contributor', reason: REASON } });
  });

  it('stores nothing for the role that the member holds already', () => {
    given(joined)
      .when((member) => changeRole(member, 'admin'))
      .thenNothing();
    given(joined, promoted)
      .when((member) => changeRole(member, 'contributor', REASON))
      .thenNothing();
  });

  it.each([
    ['a person who never joined', []],
    ['a removed member', [joined, removed]],
    ['a member who left', [joined, left]],
  ])('is refused for %s', (_, history) => {
    given(...history)
      .when((member) => changeRole(member, 'contributor'))
      .thenRefused('not-found');
  });
});

describe('ending a membership', () => {
  it('records the lost role, and whether the member left or was removed', () => {
    given(joined)
      .when((member) => endMembership(member, 'removed', false))
      .then({ ...removed, data: { ...removed.data, keepGroups: false } });
    given(joined, promoted)
      .when((member) => endMembership(member, 'left', true, REASON))
      .then({ type: 'StaffMemberLeft', data: { role: 'contributor', keepGroups: true, reason: REASON } });
  });

  it.each([
    ['a person who never joined', []],
    ['a removed member', [joined, removed]],
    ['a member who left', [joined, left]],
  ])('is refused for %s', (_, history) => {
    given(...history)
      .when((member) => endMembership(member, 'removed', false))
      .thenRefused('not-found');
    given(...history)
      .when((member) => endMembership(member, 'left', false))
      .thenRefused('not-found');
  });
});

it('events about a person who never became a member change nothing', () => {
  for (const domainEvent of [promoted, removed, left]) expect(given(domainEvent).state).toEqual(UNKNOWN_MEMBER);
});
