import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ArchivableScopes, Headcounts, ScopeQuery } from '../access/access.contract.js';
import type { DeploymentDetails } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/** One deployment, for its patients and for callers with `deployment.view`. The latter also get its headcounts. */
export class GetDeployment extends ScopeQuery<DeploymentDetails> {}

@QueryHandler(GetDeployment)
export class GetDeploymentHandler implements IQueryHandler<GetDeployment> {
  constructor(
    private readonly scopes: ArchivableScopes,
    private readonly headcounts: Headcounts,
  ) {}

  async execute({ actor, id }: GetDeployment): Promise<DeploymentDetails> {
    const { view, effectivePermissions } = await this.scopes.get(DEPLOYMENT, actor, id);
    return effectivePermissions.can('deployment.view') ? { ...view, ...(await this.headcounts.in(id)) } : view;
  }
}
