import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { scopeListProjection } from '../access/access.contract.js';
import type { DeploymentProfile } from './deployment.events.js';
import { DEPLOYMENT } from './deployment.js';

/** Read model: every deployment. */
export const DeploymentTable = defineEntity({
  name: 'deployment',
  properties: {
    id: p.uuid().primary(),
    organisation_id: p.uuid(),
    name: p.text(),
    profile: p.json<DeploymentProfile>(),
    archived: p.boolean(),
  },
  indexes: [{ name: 'deployment_by_organisation', properties: ['organisation_id', 'name', 'id'] }],
});
export type DeploymentTables = InferKyselyDB<typeof DeploymentTable>;

export const deploymentListProjection = scopeListProjection(DEPLOYMENT, {
  name: 'deployment-list',
  table: 'deployment',
  columns: ({ organisationId }) => ({ organisation_id: organisationId }),
});
