import { type Archivable, changesTo, isRestorable, mustBeActive } from '../access/access.domain.contract.js';
import {
  UNSAID,
  type DeploymentEvent,
  type DeploymentDomainEvent,
  type DeploymentProfile,
} from './deployment.events.js';

export type Deployment = Archivable<DeploymentProfile & { organisationId: string }>;

export const UNKNOWN_DEPLOYMENT: Deployment = { status: 'unknown' };

export function evolveDeployment(state: Deployment, event: DeploymentEvent): Deployment {
  switch (event.type) {
    case 'DeploymentCreated':
      return { status: 'active', profile: { ...UNSAID, ...event.data } };
    case 'DeploymentEdited':
      return state.status === 'unknown' ? state : { ...state, profile: { ...state.profile, ...event.data } };
    case 'DeploymentArchived':
      return state.status === 'unknown' ? state : { ...state, status: 'archived' };
    case 'DeploymentRestored':
      return state.status === 'unknown' ? state : { ...state, status: 'active' };
  }
}

/** Idempotent: a repeated command stores nothing. */
export function createDeployment(
  deployment: Deployment,
  organisationId: string,
  profile: DeploymentProfile,
): DeploymentDomainEvent[] {
  return deployment.status === 'unknown' ? [{ type: 'DeploymentCreated', data: { organisationId, ...profile } }] : [];
}

/** Stores nothing when nothing differs. @throws RuleBroken `not-found`, `scope-archived` */
export function editDeployment(deployment: Deployment, changes: Partial<DeploymentProfile>): DeploymentDomainEvent[] {
  const differing = changesTo<DeploymentProfile & { organisationId: string }>(deployment, changes);
  return differing ? [{ type: 'DeploymentEdited', data: differing }] : [];
}

/** @throws RuleBroken `not-found`, `scope-archived` */
export function archiveDeployment(deployment: Deployment): DeploymentDomainEvent[] {
  mustBeActive(deployment);
  return [{ type: 'DeploymentArchived', data: {} }];
}

/** Stores nothing when the deployment isn't archived. @throws RuleBroken `not-found` */
export function restoreDeployment(deployment: Deployment): DeploymentDomainEvent[] {
  return isRestorable(deployment) ? [{ type: 'DeploymentRestored', data: {} }] : [];
}
