import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ArchivableScopes, Authorization, type ScopeListRequest } from '../access/access.contract.js';
import { PLATFORM, RoleAssignments } from '../access/access.domain.contract.js';
import type { CountedPage } from '../../shared/http/lists/pagination.js';
import type { OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** The organisations in which the caller has a role, by name; all of them for callers with a role on the platform. */
export class ListOrganisations extends Query<CountedPage<OrganisationView>> {
  constructor(
    readonly actor: string,
    readonly page: ScopeListRequest,
  ) {
    super();
  }
}

@QueryHandler(ListOrganisations)
export class ListOrganisationsHandler implements IQueryHandler<ListOrganisations> {
  constructor(
    private readonly scopes: ArchivableScopes,
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
  ) {}

  async execute({ actor, page }: ListOrganisations): Promise<CountedPage<OrganisationView>> {
    return this.scopes.list(ORGANISATION, page, {
      authorise: async () => this.authorization.evaluate(actor, PLATFORM),
      own: async () => this.roleAssignments.organisationsOf(actor),
    });
  }
}
