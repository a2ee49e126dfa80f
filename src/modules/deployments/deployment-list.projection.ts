import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../shared/projections/projection.js';
import type { DeploymentView } from './deployment.dto.js';
import { deploymentFrom } from './deployment-scopes.js';
import { DEPLOYMENT_EVENT_TYPES, type DeploymentEvent, type DeploymentProfile } from './deployment.events.js';
import { evolveDeployment } from './deployment.js';

type StoredProfile = DeploymentProfile & { organisationId: string };

/** Read model: every deployment. */
export const DeploymentTable = defineEntity({
  name: 'deployment',
  properties: {
    id: p.uuid().primary(),
    organisation_id: p.uuid(),
    name: p.text(),
    profile: p.json<StoredProfile>(),
    archived: p.boolean(),
  },
  indexes: [{ name: 'deployment_by_organisation', properties: ['organisation_id', 'name', 'id'] }],
});
export type DeploymentTables = InferKyselyDB<typeof DeploymentTable>;

interface Row {
  id: string;
  organisation_id: string;
  name: string;
  profile: StoredProfile;
  archived: boolean;
}

export const deploymentListProjection = rowProjection<Row>({
  name: 'deployment-list',
  table: 'deployment',
  handles: DEPLOYMENT_EVENT_TYPES,
  key: (event) => StreamId.parse(event.stream).uuid,
  evolve(row, event) {
    const before = row
      ? { status: row.archived ? ('archived' as const) : ('active' as const), profile: row.profile }
      : deploymentFrom([]);
    const after = evolveDeployment(before, event as StoredEvent & DeploymentEvent);
    if (after.status === 'unknown') return undefined;
    const { profile } = after;
    return {
      id: StreamId.parse(event.stream).uuid,
      organisation_id: profile.organisationId,
      name: profile.name,
      profile,
      archived: after.status === 'archived',
    };
  },
});

export function deploymentView(id: string, profile: StoredProfile, archived: boolean): DeploymentView {
  return { id, ...profile, archived };
}
