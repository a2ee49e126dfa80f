import { expiryOf, type ExpiryWindow, isPast } from '../../invitations/invitations.domain.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { PatientLinkEvent, PatientLinkDomainEvent, PatientLinkDomainEvents } from './patient-link.events.js';

type LinkOptions = PatientLinkDomainEvents['PatientLinkCreated'];

/** `usedBy` has the invitationIds that took a use. */
export type PatientLink =
  { status: 'unknown' } | ({ status: 'open' | 'revoked'; usedBy: ReadonlySet<string> } & LinkOptions);
/** `stopped` means that the link's maker may no longer invite. */
export type PatientLinkState = 'open' | 'expired' | 'revoked' | 'used-up' | 'stopped';

export const UNKNOWN_LINK: PatientLink = { status: 'unknown' };

export function evolvePatientLink(link: PatientLink, event: PatientLinkEvent): PatientLink {
  if (event.type === 'PatientLinkCreated') return { ...event.data, status: 'open', usedBy: new Set() };
  if (link.status === 'unknown') return link;
  switch (event.type) {
    case 'PatientLinkRevoked':
      return { ...link, status: 'revoked' };
    case 'PatientLinkPlaceReserved':
      return { ...link, usedBy: new Set([...link.usedBy, event.data.invitationId]) };
    case 'PatientLinkPlaceReleased':
      return { ...link, usedBy: new Set([...link.usedBy].filter((id) => id !== event.data.invitationId)) };
  }
}

/** Returns no event for a link that exists, so a repeated command stores nothing. */
export function createPatientLink(
  link: PatientLink,
  options: { name: string | null; window: ExpiryWindow; maxUses: number | null; locale: string },
  now: Date,
): PatientLinkDomainEvent[] {
  return link.status === 'unknown'
    ? [{ type: 'PatientLinkCreated', data: { ...options, expiresAt: expiryOf(options.window, now) } }]
    : [];
}

/** Revokes the link. Invitations that people asked for through it stay. Idempotent. @throws RuleBroken `not-found` */
export function revokePatientLink(link: PatientLink): PatientLinkDomainEvent[] {
  if (link.status === 'unknown') throw new RuleBroken('not-found');
  return link.status === 'revoked' ? [] : [{ type: 'PatientLinkRevoked', data: {} }];
}

/**
 * Reserves a use for an enrolment before it is stored. Idempotent. A revoked or expired link still has uses for people
 * whom it invited before.
 * @throws RuleBroken `link-used-up`
 */
export function reserveUse(link: PatientLink, invitationId: string): PatientLinkDomainEvent[] {
  if (link.status === 'unknown') throw new RuleBroken('link-not-found');
  if (link.usedBy.has(invitationId)) return [];
  if (isFull(link)) throw new RuleBroken('link-used-up');
  return [{ type: 'PatientLinkPlaceReserved', data: { invitationId } }];
}

/** Releases a use. Returns no event if the invitation has none. */
export function releaseUse(link: PatientLink, invitationId: string): PatientLinkDomainEvent[] {
  return link.status !== 'unknown' && link.usedBy.has(invitationId)
    ? [{ type: 'PatientLinkPlaceReleased', data: { invitationId } }]
    : [];
}

/**
 * The link, if people can ask through it now.
 * @throws RuleBroken `link-not-found`, `link-revoked`, `link-expired`, `link-stopped`, `link-used-up`
 */
export function mustBeOpen(link: PatientLink, makerMayInvite: boolean, now: Date): PatientLink & LinkOptions {
  if (link.status === 'unknown') throw new RuleBroken('link-not-found');
  const state = stateOf(
    {
      revoked: link.status === 'revoked',
      expiresAt: link.expiresAt,
      maxUses: link.maxUses,
      uses: link.usedBy.size,
      makerMayInvite,
    },
    now,
  );
  if (state !== 'open') throw new RuleBroken(`link-${state}`);
  return link;
}

/** The link's state at `now`. */
export function stateOf(
  link: { revoked: boolean; expiresAt: string; maxUses: number | null; uses: number; makerMayInvite: boolean },
  now: Date,
): PatientLinkState {
  if (link.revoked) return 'revoked';
  if (isPast(link.expiresAt, now)) return 'expired';
  if (!link.makerMayInvite) return 'stopped';
  return link.maxUses !== null && link.uses >= link.maxUses ? 'used-up' : 'open';
}

function isFull({ maxUses, usedBy }: { maxUses: number | null; usedBy: ReadonlySet<string> }): boolean {
  return maxUses !== null && usedBy.size >= maxUses;
}
