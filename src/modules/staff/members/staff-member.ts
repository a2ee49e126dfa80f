import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Grant } from '../../invitations/invitations.domain.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import { isStaffEvent, type StaffDomainEvent, type StaffEvent } from './staff-member.events.js';

export type StaffMember =
  | { status: 'unknown' }
  | { status: 'active'; personId: string; role: string; since: string }
  | { status: 'removed' | 'left'; personId: string; role: string; since: string };

export type ActiveStaffMember = StaffMember & { status: 'active' };

/** The role that a staff invitation offers. */
export function roleOf(grant: Grant): string {
  return requireText(grant, 'role');
}

export const UNKNOWN_MEMBER: StaffMember = { status: 'unknown' };

export function evolveStaffMember(state: StaffMember, event: StaffEvent): StaffMember {
  switch (event.type) {
    case 'InvitationAccepted':
      return {
        status: 'active',
        personId: event.data.personId,
        role: roleOf(event.data.grant),
        since: event.recordedAt,
      };
    case 'StaffRoleChanged':
      return state.status === 'unknown' ? state : { ...state, role: event.data.to };
    case 'StaffMemberRemoved':
      return state.status === 'unknown' ? state : { ...state, status: 'removed' };
    case 'StaffMemberLeft':
      return state.status === 'unknown' ? state : { ...state, status: 'left' };
  }
}

/** The member that a membership stream shows. */
export function staffMemberFrom(history: readonly StoredEvent[]): StaffMember {
  return history.filter(isStaffEvent).reduce(evolveStaffMember, UNKNOWN_MEMBER);
}

/**
 * Gives a member another role. Returns no event for the same role.
 * @throws RuleBroken `not-found` without an active member
 */
export function changeRole(member: StaffMember, to: string, reason?: Sealed): StaffDomainEvent[] {
  const { role: from } = mustBeActive(member);
  return from === to ? [] : [{ type: 'StaffRoleChanged', data: { from, to, ...(reason ? { reason } : {}) } }];
}

/**
 * Ends a membership: the member leaves, or somebody else removes them.
 * @throws RuleBroken `not-found` without an active member
 */
export function endMembership(
  member: StaffMember,
  by: 'removed' | 'left',
  keepGroups: boolean,
  reason?: Sealed,
): StaffDomainEvent[] {
  const { role } = mustBeActive(member);
  const data = { role, keepGroups, ...(reason ? { reason } : {}) };
  return [by === 'left' ? { type: 'StaffMemberLeft', data } : { type: 'StaffMemberRemoved', data }];
}

function mustBeActive(member: StaffMember): StaffMember & { status: 'active' } {
  if (member.status !== 'active') throw new RuleBroken('not-found');
  return member;
}
