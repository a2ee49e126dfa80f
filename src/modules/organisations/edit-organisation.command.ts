import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, targetsOf } from '../access/access.contract.js';
import type { EditOrganisationDto, OrganisationView } from './organisation.dto.js';
import { OrganisationChanges } from './organisation-changes.js';
import { editOrganisation } from './organisation.js';

/** Changes the fields that were sent. Needs `organisation.edit`. */
export class EditOrganisation extends Command<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly dto: EditOrganisationDto,
  ) {
    super();
  }
}

@CommandHandler(EditOrganisation)
export class EditOrganisationHandler implements ICommandHandler<EditOrganisation> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: OrganisationChanges,
  ) {}

  async execute({ actor, id, dto }: EditOrganisation): Promise<OrganisationView> {
    const { targets, ...rest } = dto;
    return this.changes.change(
      actor,
      id,
      async (scope, reads) => this.authorization.requireRead(actor, 'organisation.edit', scope, reads),
      (organisation) =>
        editOrganisation(organisation, { ...rest, ...(targets ? { targets: targetsOf(targets, organisation) } : {}) }),
    );
  }
}
