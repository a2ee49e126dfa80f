import { PLATFORM, type ScopeDeclaration } from '../access/access.domain.contract.js';
import type { OrganisationDomainEvents, OrganisationProfile } from './organisation.events.js';

/**
 * The declaration of organisations. `modules/access/scopes/scope-decider.ts` decides for every scope with a profile.
 */
export const ORGANISATION: ScopeDeclaration<OrganisationProfile, keyof OrganisationDomainEvents> = {
  kind: 'organisation',
  types: {
    created: 'OrganisationCreated',
    edited: 'OrganisationEdited',
    archived: 'OrganisationArchived',
    restored: 'OrganisationRestored',
  },
  above: () => PLATFORM,
};
