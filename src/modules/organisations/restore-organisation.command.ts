import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import type { OrganisationView } from './organisation.dto.js';
import { OrganisationChanges } from './organisation-changes.js';
import { restoreOrganisation } from './organisation.js';

/** Opens an archived organisation again. Only super-admins may. */
export class RestoreOrganisation extends Command<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RestoreOrganisation)
export class RestoreOrganisationHandler implements ICommandHandler<RestoreOrganisation> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: OrganisationChanges,
  ) {}

  async execute({ actor, id }: RestoreOrganisation): Promise<OrganisationView> {
    return this.changes.change(
      actor,
      id,
      async (scope, reads) => this.authorization.requireSuperAdmin(actor, scope, reads),
      restoreOrganisation,
    );
  }
}
