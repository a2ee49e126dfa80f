import { Injectable } from '@nestjs/common';
import { type Scope, Scopes } from '../access/access.contract.js';
import { Database } from '../../shared/database/database.js';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { evolveDeployment, UNKNOWN_DEPLOYMENT, type Deployment } from './deployment.js';
import type { DeploymentTables } from './deployment-list.projection.js';
import type { DeploymentEvent } from './deployment.events.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';

export function deploymentStream(id: string): string {
  return StreamId.of('deployment', id);
}

/** The deployment as its stream has it. */
export function deploymentFrom(history: readonly StoredEvent[]): Deployment {
  return (history as readonly unknown[] as readonly DeploymentEvent[]).reduce(evolveDeployment, UNKNOWN_DEPLOYMENT);
}

/** Deployments as scopes: an organisation's roles hold in each of them, and archiving it archives them. */
@Injectable()
export class DeploymentScopes {
  constructor(
    private readonly scopes: Scopes,
    private readonly database: Database,
  ) {}

  /** Ids of an organisation's deployments. May lag. */
  async within(organisationId: string): Promise<string[]> {
    const rows = await this.database
      .kysely<DeploymentTables>()
      .selectFrom('deployment')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .execute();
    return rows.map(({ id }) => id);
  }

  async load(id: string, reads: StreamSource): Promise<Scope | undefined> {
    const deployment = deploymentFrom(await reads.read(deploymentStream(id)));
    if (deployment.status === 'unknown') return undefined;
    const { name, organisationId } = deployment.profile;
    const organisation = await this.scopes.load({ kind: 'organisation', id: organisationId }, reads);
    if (!organisation) return undefined;
    const ref = { kind: 'deployment' as const, id };
    const archived = deployment.status === 'archived' || organisation.archived;
    return {
      ...ref,
      name,
      organisation: organisation.organisation,
      archived,
      coveredBy: [ref, ...organisation.coveredBy],
    };
  }
}
