import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ArchivableScopes, Authorization, Guests, type ScopeListRequest } from '../access/access.contract.js';
import { Enrolments, PLATFORM, RoleAssignments } from '../access/access.domain.contract.js';
import type { CountedPage } from '../../shared/http/lists/pagination.js';
import type { ListedDeploymentView } from './deployment.dto.js';
import type { DeploymentProfile } from './deployment.events.js';

/**
 * The deployments of all organisations that the caller may see, by name: every one for callers with a role on the
 * platform; for others those in which or above which they hold a role, and those of which they are a patient or a
 * guest. Source: docs/domain.md §5.2
 */
export class ListAllDeployments extends Query<CountedPage<ListedDeploymentView>> {
  constructor(
    readonly actor: string,
    readonly page: ScopeListRequest & { archived?: 'true' | 'false' | undefined },
  ) {
    super();
  }
}

@QueryHandler(ListAllDeployments)
export class ListAllDeploymentsHandler implements IQueryHandler<ListAllDeployments> {
  constructor(
    private readonly scopes: ArchivableScopes,
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
    private readonly guests: Guests,
    private readonly enrolments: Enrolments,
  ) {}

  async execute({ actor, page }: ListAllDeployments): Promise<CountedPage<ListedDeploymentView>> {
    const { effectivePermissions } = await this.authorization.evaluate(actor, PLATFORM);
    const seen = effectivePermissions.can('deployment.view') ? null : await this.seenBy(actor);
    const archived = page.archived === undefined ? undefined : page.archived === 'true';
    return this.scopes.listEverywhere<DeploymentProfile>({ ...page, archived }, seen);
  }

  private async seenBy(actor: string) {
    const [held, asGuest, asPatient] = await Promise.all([
      this.roleAssignments.scopesOf(actor),
      this.guests.scopesOf(actor, 'deployment.view'),
      this.enrolments.deploymentsOf(actor),
    ]);
    const idsOf = (kind: string): string[] => held.filter((scope) => scope.kind === kind).map(({ id }) => id);
    return { within: idsOf('organisation'), own: [...idsOf('deployment'), ...asGuest, ...asPatient] };
  }
}
