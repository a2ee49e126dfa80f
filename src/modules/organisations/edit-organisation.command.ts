import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, EditScopeCommand } from '../access/access.contract.js';
import type { EditOrganisationDto, OrganisationView } from './organisation.dto.js';
import { ORGANISATION } from './organisation.js';

/** Changes those fields of an organisation that the call has. Needs `organisation.edit`. */
export class EditOrganisation extends EditScopeCommand<EditOrganisationDto, OrganisationView> {}

@CommandHandler(EditOrganisation)
export class EditOrganisationHandler implements ICommandHandler<EditOrganisation> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id, dto }: EditOrganisation): Promise<OrganisationView> {
    return this.scopes.edit(ORGANISATION, actor, id, 'organisation.edit', dto);
  }
}
