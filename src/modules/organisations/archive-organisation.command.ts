import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import type { OrganisationView } from './organisation.dto.js';
import { OrganisationChanges } from './organisation-changes.js';
import { archiveOrganisation } from './organisation.js';

/** Closes an organisation to every write but restoring. Needs `organisation.archive`. */
export class ArchiveOrganisation extends Command<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(ArchiveOrganisation)
export class ArchiveOrganisationHandler implements ICommandHandler<ArchiveOrganisation> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: OrganisationChanges,
  ) {}

  async execute({ actor, id }: ArchiveOrganisation): Promise<OrganisationView> {
    return this.changes.change(
      actor,
      id,
      // The decider refuses an archived organisation: a repeated call must find what it stored before a crash.
      async (scope, reads) => this.authorization.requireRead(actor, 'organisation.archive', scope, reads),
      archiveOrganisation,
    );
  }
}
