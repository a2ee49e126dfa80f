import { Module, type OnModuleInit } from '@nestjs/common';
import { Scopes } from '../access/access.contract.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ArchiveOrganisationHandler } from './archive-organisation.command.js';
import { OrganisationChanges } from './organisation-changes.js';
import { EditOrganisationHandler } from './edit-organisation.command.js';
import { RestoreOrganisationHandler } from './restore-organisation.command.js';
import { CreateOrganisationHandler } from './create-organisation.command.js';
import { GetOrganisationHandler } from './get-organisation.query.js';
import { ListOrganisationsHandler } from './list-organisations.query.js';
import { organisationListProjection } from './organisation-list.projection.js';
import { OrganisationScopes } from './organisation-scopes.js';
import { OrganisationsController } from './organisations.controller.js';

@Module({
  controllers: [OrganisationsController],
  providers: [
    OrganisationScopes,
    CreateOrganisationHandler,
    OrganisationChanges,
    EditOrganisationHandler,
    ArchiveOrganisationHandler,
    RestoreOrganisationHandler,
    GetOrganisationHandler,
    ListOrganisationsHandler,
  ],
})
export class OrganisationsModule implements OnModuleInit {
  constructor(
    private readonly scopes: Scopes,
    private readonly organisations: OrganisationScopes,
    private readonly projections: ProjectionRunner,
  ) {}

  onModuleInit(): void {
    this.scopes.register('organisation', async (id, reads) => this.organisations.load(id, reads));
    this.projections.register(organisationListProjection);
  }
}
