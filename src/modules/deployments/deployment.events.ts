import {
  fields,
  nullable,
  number,
  optional,
  partial,
  text,
  texts,
  type DeclaredStreams,
  type Shapes,
} from '../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';

/** A deployment's own description and settings. */
export interface DeploymentProfile {
  name: string;
  /** Planned numbers; null when not given. */
  targets: { patients: number | null; staff: number | null };
  privacyPolicyUrl: string | null;
  termsUrl: string | null;
  /** Where patients get the app; null means the installation's own link. */
  appStoreUrl: string | null;
  playStoreUrl: string | null;
  /** Reasons to choose from when a patient is offboarded; another reason may be given too. */
  offboardingReasons: readonly string[];
}

/** Defaults for events of versions that didn't have these fields. */
export const UNSAID = { appStoreUrl: null, playStoreUrl: null, offboardingReasons: [] } as const;

export interface DeploymentDomainEvents {
  /** The organisation never changes. */
  DeploymentCreated: DeploymentProfile & { organisationId: string };
  /** Only what changed. */
  DeploymentEdited: Partial<DeploymentProfile>;
  DeploymentArchived: Record<string, never>;
  DeploymentRestored: Record<string, never>;
}
export type DeploymentDomainEvent = {
  [Type in keyof DeploymentDomainEvents]: { type: Type; data: DeploymentDomainEvents[Type] };
}[keyof DeploymentDomainEvents];
export type DeploymentEvent = Omit<StoredEvent, 'type' | 'data'> & DeploymentDomainEvent;

export const DEPLOYMENT_EVENT_TYPES = [
  'DeploymentCreated',
  'DeploymentEdited',
  'DeploymentArchived',
  'DeploymentRestored',
] as const;

const PROFILE = {
  name: text,
  targets: fields({ patients: nullable(number), staff: nullable(number) }),
  privacyPolicyUrl: nullable(text),
  termsUrl: nullable(text),
  appStoreUrl: optional(nullable(text)),
  playStoreUrl: optional(nullable(text)),
  offboardingReasons: optional(texts),
};
const DEPLOYMENT_SHAPES: Shapes<DeploymentDomainEvents> = {
  DeploymentCreated: { ...PROFILE, organisationId: text },
  DeploymentEdited: partial(PROFILE),
  DeploymentArchived: {},
  DeploymentRestored: {},
};

export const DEPLOYMENT_STREAMS = {
  category: 'deployment',
  types: DEPLOYMENT_SHAPES,
} as const satisfies DeclaredStreams;
