import type { ScopeDeclaration } from '../access/access.domain.contract.js';
import { UNSAID, type DeploymentDomainEvents, type DeploymentProfile } from './deployment.events.js';

/** The declaration of deployments. `modules/access/scopes/scope-decider.ts` decides for every scope with a profile. */
export const DEPLOYMENT: ScopeDeclaration<DeploymentProfile, keyof DeploymentDomainEvents> = {
  kind: 'deployment',
  types: {
    created: 'DeploymentCreated',
    edited: 'DeploymentEdited',
    archived: 'DeploymentArchived',
    restored: 'DeploymentRestored',
  },
  defaults: UNSAID,
  above: ({ organisationId }) => ({ kind: 'organisation', id: organisationId }),
};
