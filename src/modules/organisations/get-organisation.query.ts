import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ArchivableScopes, ScopeQuery } from '../access/access.contract.js';
import type { OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** One organisation, for callers with a role, a group membership or an enrolment in it. */
export class GetOrganisation extends ScopeQuery<OrganisationView> {}

@QueryHandler(GetOrganisation)
export class GetOrganisationHandler implements IQueryHandler<GetOrganisation> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id }: GetOrganisation): Promise<OrganisationView> {
    return (await this.scopes.get(ORGANISATION, actor, id)).view;
  }
}
