import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, ScopeCommand } from '../access/access.contract.js';
import type { OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** Restores an archived organisation, for super-admins alone. */
export class RestoreOrganisation extends ScopeCommand<OrganisationView> {}

@CommandHandler(RestoreOrganisation)
export class RestoreOrganisationHandler implements ICommandHandler<RestoreOrganisation> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id }: RestoreOrganisation): Promise<OrganisationView> {
    return this.scopes.restore(ORGANISATION, actor, id);
  }
}
