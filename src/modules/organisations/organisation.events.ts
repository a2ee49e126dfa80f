import {
  fields,
  nullable,
  number,
  partial,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';

export const VIEW_TYPES = ['rpm', 'dct'] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/** An organisation's own description and settings. */
export interface OrganisationProfile {
  name: string;
  /** Remote patient monitoring, or a decentralised clinical trial. */
  viewType: ViewType;
  privacyPolicyUrl: string | null;
  termsUrl: string | null;
  /** Planned numbers; null when not given. */
  targets: { patients: number | null; staff: number | null };
}

export interface OrganisationDomainEvents {
  OrganisationCreated: OrganisationProfile;
  /** Only what changed. */
  OrganisationEdited: Partial<OrganisationProfile>;
  OrganisationArchived: Record<string, never>;
  OrganisationRestored: Record<string, never>;
}
export type OrganisationDomainEvent = {
  [Type in keyof OrganisationDomainEvents]: { type: Type; data: OrganisationDomainEvents[Type] };
}[keyof OrganisationDomainEvents];
export type OrganisationEvent = Omit<StoredEvent, 'type' | 'data'> & OrganisationDomainEvent;

export const ORGANISATION_EVENT_TYPES = [
  'OrganisationCreated',
  'OrganisationEdited',
  'OrganisationArchived',
  'OrganisationRestored',
] as const;

const PROFILE = {
  name: text,
  viewType: text,
  privacyPolicyUrl: nullable(text),
  termsUrl: nullable(text),
  targets: fields({ patients: nullable(number), staff: nullable(number) }),
};
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
