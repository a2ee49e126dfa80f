import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ArchivableScopes, Authorization, type ScopeListRequest } from '../access/access.contract.js';
import { RoleAssignments } from '../access/access.domain.contract.js';
import type { CountedPage } from '../../shared/http/lists/pagination.js';
import type { DeploymentView } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/**
 * An organisation's deployments by name. Callers with a role at the organisation or the platform see all of them,
 * others see their own.
 */
export class ListDeployments extends Query<CountedPage<DeploymentView>> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly page: ScopeListRequest,
  ) {
    super();
  }
}

@QueryHandler(ListDeployments)
export class ListDeploymentsHandler implements IQueryHandler<ListDeployments> {
  constructor(
    private readonly scopes: ArchivableScopes,
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
  ) {}

  async execute({ actor, organisationId: id, page }: ListDeployments): Promise<CountedPage<DeploymentView>> {
    return this.scopes.list(DEPLOYMENT, page, {
      authorise: async () => this.authorization.requireInsider(actor, { kind: 'organisation', id }),
      own: async () => this.roleAssignments.deploymentsOf(actor, id),
    });
  }
}
