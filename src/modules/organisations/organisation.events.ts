import { PROFILE_SHAPE, type ScopeProfile } from '../access/access.domain.contract.js';
import { partial, text, type DeclaredStreams, type Shapes } from '../../shared/event-sourcing/event-shapes.js';

export const VIEW_TYPES = ['rpm', 'dct'] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/** The description and settings of an organisation. */
export interface OrganisationProfile extends ScopeProfile {
  /** Remote patient monitoring, or a decentralised clinical trial. */
  viewType: ViewType;
}

export interface OrganisationDomainEvents {
  OrganisationCreated: OrganisationProfile;
  /** Has only the fields that changed. */
  OrganisationEdited: Partial<OrganisationProfile>;
  OrganisationArchived: Record<string, never>;
  OrganisationRestored: Record<string, never>;
}

const PROFILE = { ...PROFILE_SHAPE, viewType: text };
const ORGANISATION_SHAPES: Shapes<OrganisationDomainEvents> = {
  OrganisationCreated: PROFILE,
  OrganisationEdited: partial(PROFILE),
  OrganisationArchived: {},
  OrganisationRestored: {},
};

export const ORGANISATION_STREAMS = {
  category: 'organisation',
  types: ORGANISATION_SHAPES,
} as const satisfies DeclaredStreams;
