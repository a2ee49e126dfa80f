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
  indexes: [
    { name: 'deployment_by_organisation', properties: ['organisation_id', 'name', 'id'] },
    { name: 'deployment_by_name', properties: ['name', 'id'] },
    {
      name: 'deployment_search',
      expression: 'create index deployment_search on deployment using gin (lower(name) gin_trgm_ops)',
    },
  ],
});
export type DeploymentTables = InferKyselyDB<typeof DeploymentTable>;

export const deploymentListProjection = scopeListProjection(DEPLOYMENT, {
  name: 'deployment-list',
  table: 'deployment',
  columns: ({ organisationId }) => ({ organisation_id: organisationId }),
});
