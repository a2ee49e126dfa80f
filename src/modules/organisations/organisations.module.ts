import { Module, type OnModuleInit } from '@nestjs/common';
import { Scopes } from '../access/access.contract.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ArchiveOrganisationHandler } from './archive-organisation.command.js';
import { EditOrganisationHandler } from './edit-organisation.command.js';
import { RestoreOrganisationHandler } from './restore-organisation.command.js';
import { CreateOrganisationHandler } from './create-organisation.command.js';
import { GetOrganisationHandler } from './get-organisation.query.js';
import { ListOrganisationsHandler } from './list-organisations.query.js';
import { organisationListProjection } from './organisation-list.projection.js';
import { ORGANISATION } from './organisation.js';
import { OrganisationsController } from './organisations.controller.js';

@Module({
  controllers: [OrganisationsController],
  providers: [
    CreateOrganisationHandler,
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
    private readonly projections: ProjectionRunner,
  ) {}

  onModuleInit(): void {
    this.scopes.registerDeclared(ORGANISATION);
    this.projections.register(organisationListProjection);
  }
}
