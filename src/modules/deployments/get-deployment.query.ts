import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { DeploymentView } from './deployment.dto.js';
import { deploymentView } from './deployment-list.projection.js';
import { deploymentFrom, deploymentStream } from './deployment-scopes.js';

/** One deployment, for its patients and for callers with a role that holds in it. */
export class GetDeployment extends Query<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetDeployment)
export class GetDeploymentHandler implements IQueryHandler<GetDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, id }: GetDeployment): Promise<DeploymentView> {
    const { scope } = await this.authorization.requireEntry(actor, { kind: 'deployment', id });
    const deployment = deploymentFrom(await this.store.read(deploymentStream(id)));
    if (deployment.status === 'unknown') throw new RuleBroken('not-found');
    return deploymentView(id, deployment.profile, scope.archived);
  }
}
