import { PROFILE_SHAPE, type ScopeProfile } from '../access/access.domain.contract.js';
import {
  nullable,
  optional,
  partial,
  text,
  texts,
  type DeclaredStreams,
  type Shapes,
} from '../../shared/event-sourcing/event-shapes.js';

/** The description and settings of a deployment. */
export interface DeploymentProfile extends ScopeProfile {
  /** Never changes. */
  organisationId: string;
  /** The link to the app in the App Store; null means the installation's link. */
  appStoreUrl: string | null;
  playStoreUrl: string | null;
  /** Reasons that staff choose from when they offboard a patient. They may give another reason too. */
  offboardingReasons: readonly string[];
}

/** Values of fields that events of older versions lack. */
export const UNSAID = { appStoreUrl: null, playStoreUrl: null, offboardingReasons: [] } as const;

export interface DeploymentDomainEvents {
  DeploymentCreated: DeploymentProfile;
  /** Has only the fields that changed. */
  DeploymentEdited: Partial<Omit<DeploymentProfile, 'organisationId'>>;
  DeploymentArchived: Record<string, never>;
  DeploymentRestored: Record<string, never>;
}

const PROFILE = {
  ...PROFILE_SHAPE,
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
