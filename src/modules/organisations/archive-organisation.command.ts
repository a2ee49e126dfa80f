import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, ScopeCommand } from '../access/access.contract.js';
import type { OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** Archives an organisation, which then takes no write but a restore. Needs `organisation.archive`. */
export class ArchiveOrganisation extends ScopeCommand<OrganisationView> {}

@CommandHandler(ArchiveOrganisation)
export class ArchiveOrganisationHandler implements ICommandHandler<ArchiveOrganisation> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id }: ArchiveOrganisation): Promise<OrganisationView> {
    return this.scopes.archive(ORGANISATION, actor, id, 'organisation.archive');
  }
}
