import { type Archivable, changesTo, isRestorable, mustBeActive } from '../access/access.domain.contract.js';
import type { OrganisationEvent, OrganisationDomainEvent, OrganisationProfile } from './organisation.events.js';

export type Organisation = Archivable<OrganisationProfile>;

export const UNKNOWN_ORGANISATION: Organisation = { status: 'unknown' };

export function evolveOrganisation(state: Organisation, event: OrganisationEvent): Organisation {
  switch (event.type) {
    case 'OrganisationCreated':
      return { status: 'active', profile: event.data };
    case 'OrganisationEdited':
      return state.status === 'unknown' ? state : { ...state, profile: { ...state.profile, ...event.data } };
    case 'OrganisationArchived':
      return state.status === 'unknown' ? state : { ...state, status: 'archived' };
    case 'OrganisationRestored':
      return state.status === 'unknown' ? state : { ...state, status: 'active' };
  }
}

/** Idempotent: a repeated command stores nothing. */
export function createOrganisation(
  organisation: Organisation,
  profile: OrganisationProfile,
): OrganisationDomainEvent[] {
  return organisation.status === 'unknown' ? [{ type: 'OrganisationCreated', data: profile }] : [];
}

/** Stores nothing when nothing differs. @throws RuleBroken `not-found`, `scope-archived` */
export function editOrganisation(
  organisation: Organisation,
  changes: Partial<OrganisationProfile>,
): OrganisationDomainEvent[] {
  const differing = changesTo(organisation, changes);
  return differing ? [{ type: 'OrganisationEdited', data: differing }] : [];
}

/** Archives it, and with it everything below. @throws RuleBroken `not-found`, `scope-archived` */
export function archiveOrganisation(organisation: Organisation): OrganisationDomainEvent[] {
  mustBeActive(organisation);
  return [{ type: 'OrganisationArchived', data: {} }];
}

/** Stores nothing when the organisation isn't archived. @throws RuleBroken `not-found` */
export function restoreOrganisation(organisation: Organisation): OrganisationDomainEvent[] {
  return isRestorable(organisation) ? [{ type: 'OrganisationRestored', data: {} }] : [];
}
