import { RuleBroken, type ProblemCode } from '../../../shared/problems/problem-codes.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import { expiryOf, isPast, type ExpiryWindow } from './expiry-windows.js';
import type { Grant, InvitationEvent, InvitationDomainEvent } from './invitation.events.js';

/** The data of an invitation, whatever its status. */
export interface Issued {
  invitationId: string;
  personId: string;
  issue: number;
  grant: Grant;
  window: ExpiryWindow;
  expiresAt: string;
  /** The number of its terms: 1, and one more for each change. */
  terms: number;
  /** When it was first issued: ISO UTC. */
  invitedAt: string;
  /** When it was resent: ISO UTC, oldest first. */
  resentAt: readonly string[];
  /** The personId of its last issuer, who sent it or changed it. */
  issuedBy: string;
  locale: string;
  /** Sealed in the event `firstEventId`. */
  message?: Sealed;
  firstEventId: string;
}

/** The one invitation that a stream holds at a time. `issues[n]` is the invitationId of the link with issue n+1. */
export type Invitation =
  | { status: 'none'; issues: readonly string[] }
  | ({ status: 'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'; issues: readonly string[] } & Issued);

export const NO_INVITATION: Invitation = { status: 'none', issues: [] };

/** Source: docs/domain.md §6.1 */
export function evolveInvitation(state: Invitation, event: InvitationEvent): Invitation {
  switch (event.type) {
    case 'InvitationIssued': {
      const { actor } = event.metadata;
      const issued: Issued = {
        ...event.data,
        terms: 1,
        invitedAt: event.recordedAt,
        resentAt: [],
        issuedBy: actor,
        firstEventId: event.id,
      };
      return { status: 'pending', issues: [...state.issues, event.data.invitationId], ...issued };
    }
    case 'InvitationReissued': {
      if (state.status === 'none') return state;
      const { issue, window, expiresAt, invitationId } = event.data;
      const issues = [...state.issues, invitationId];
      return {
        ...state,
        status: 'pending',
        issue,
        window,
        expiresAt,
        issuedBy: event.metadata.actor,
        issues,
        resentAt: [...state.resentAt, event.recordedAt],
      };
    }
    case 'InvitationChanged': {
      if (state.status === 'none') return state;
      const { grant, window, expiresAt } = event.data;
      return { ...state, grant, window, expiresAt, issuedBy: event.metadata.actor, terms: state.terms + 1 };
    }
    case 'InvitationRevoked':
      return state.status === 'none' ? state : { ...state, status: 'revoked' };
    case 'InvitationDeclined':
      return state.status === 'none' ? state : { ...state, status: 'declined' };
    case 'InvitationExpired':
      return state.status === 'none' ? state : { ...state, status: 'expired' };
    case 'InvitationAccepted':
      return state.status === 'none' ? state : { ...state, status: 'accepted' };
  }
}

/** The status at `now`: a pending invitation is expired from `expiresAt` on, also before that is recorded. */
export function statusAt(invitation: Invitation, now: Date): Invitation['status'] {
  return invitation.status === 'pending' && isPast(invitation.expiresAt, now) ? 'expired' : invitation.status;
}

export interface NewInvitation {
  invitationId: string;
  personId: string;
  grant: Grant;
  window: ExpiryWindow;
  locale: string;
  message?: Sealed;
}

/** Issues an invitation, with an id of its own. Returns no event while another one is pending. */
export function issueInvitation(invitation: Invitation, offer: NewInvitation, now: Date): InvitationDomainEvent[] {
  if (statusAt(invitation, now) === 'pending') return [];
  const issue = invitation.issues.length + 1;
  return [{ type: 'InvitationIssued', data: { ...offer, issue, expiresAt: expiryOf(offer.window, now) } }];
}

/** Sends a new link; the old one stops working. @throws RuleBroken `not-resendable` unless pending or expired */
export function resendInvitation(
  invitation: Invitation,
  invitationId: string,
  window: ExpiryWindow | undefined,
  now: Date,
): InvitationDomainEvent[] {
  const open = mustBeOpen(invitation, invitationId, 'not-resendable');
  const next = window ?? open.window;
  const issue = invitation.issues.length + 1;
  return [{ type: 'InvitationReissued', data: { invitationId, issue, window: next, expiresAt: expiryOf(next, now) } }];
}

/** What a change gives a pending invitation; an absent part stays. */
export interface NewTerms {
  grant?: Grant | undefined;
  window?: ExpiryWindow | undefined;
}

/**
 * Changes a pending invitation. A window opens at `now`. Returns no event if nothing changes.
 * @throws RuleBroken `not-changeable` unless pending
 */
export function changeInvitation(
  invitation: Invitation,
  invitationId: string,
  { grant, window }: NewTerms,
  now: Date,
): InvitationDomainEvent[] {
  const open = mustBeOpen(invitation, invitationId, 'not-changeable');
  if (statusAt(invitation, now) !== 'pending') throw new RuleBroken('not-changeable');
  const isSame = grant === undefined || JSON.stringify(grant) === JSON.stringify(open.grant);
  if (isSame && window === undefined) return [];
  const terms = {
    grant: grant ?? open.grant,
    window: window ?? open.window,
    expiresAt: window === undefined ? open.expiresAt : expiryOf(window, now),
  };
  return [{ type: 'InvitationChanged', data: { invitationId, issue: open.issue, ...terms } }];
}

/**
 * Revokes the invitation; the record stays. Idempotent.
 * @throws RuleBroken `not-revocable` unless pending or expired
 */
export function revokeInvitation(
  invitation: Invitation,
  invitationId: string,
  reason?: Sealed,
): InvitationDomainEvent[] {
  if (invitation.status === 'revoked' && invitation.invitationId === invitationId) return [];
  mustBeOpen(invitation, invitationId, 'not-revocable');
  return [{ type: 'InvitationRevoked', data: { invitationId, ...(reason ? { reason } : {}) } }];
}

/** Declines the invitation. @throws RuleBroken as `mustBeCurrent` does */
export function declineInvitation(invitation: Invitation, issue: number, now: Date): InvitationDomainEvent[] {
  const open = mustBeCurrent(invitation, issue, now);
  return [{ type: 'InvitationDeclined', data: { invitationId: open.invitationId } }];
}

/** Accepts the invitation. @throws RuleBroken as `mustBeCurrent` does */
export function acceptInvitation(
  invitation: Invitation,
  issue: number,
  now: Date,
  name?: Sealed,
): InvitationDomainEvent[] {
  const { invitationId, personId, grant } = mustBeCurrent(invitation, issue, now);
  return [{ type: 'InvitationAccepted', data: { invitationId, personId, grant, ...(name ? { name } : {}) } }];
}

/** Records that the invitation expired. Returns no event unless it is pending and past its time. */
export function expireInvitation(invitation: Invitation, now: Date): InvitationDomainEvent[] {
  if (invitation.status !== 'pending' || !isPast(invitation.expiresAt, now)) return [];
  const { invitationId, expiresAt } = invitation;
  return [{ type: 'InvitationExpired', data: { invitationId, expiresAt } }];
}

/**
 * The invitation that the link of this issue opens.
 * @throws RuleBroken `invitation-superseded` for any older issue, else `invitation-expired`, `-revoked`, `-declined`,
 * `-accepted`; `invitation-not-found` for an issue that never existed
 */
export function mustBeCurrent(invitation: Invitation, issue: number, now: Date): Issued {
  if (invitation.status === 'none' || issue > invitation.issues.length) throw new RuleBroken('invitation-not-found');
  if (issue < invitation.issues.length) throw new RuleBroken('invitation-superseded');
  const status = statusAt(invitation, now);
  if (status === 'pending' || status === 'none') return invitation;
  throw new RuleBroken(`invitation-${status}`);
}

function mustBeOpen(invitation: Invitation, invitationId: string, code: ProblemCode): Issued {
  const open = invitation.status === 'pending' || invitation.status === 'expired';
  if (!open || invitation.invitationId !== invitationId) throw new RuleBroken(code);
  return invitation;
}
