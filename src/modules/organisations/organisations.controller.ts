import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation, ScopeListDto } from '../access/access.contract.js';
import { scopeRoutes } from '../access/access.routes.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { ArchiveOrganisation } from './archive-organisation.command.js';
import { EditOrganisation } from './edit-organisation.command.js';
import { RestoreOrganisation } from './restore-organisation.command.js';
import { CreateOrganisation } from './create-organisation.command.js';
import { GetOrganisation } from './get-organisation.query.js';
import { ListOrganisations } from './list-organisations.query.js';
import { CreateOrganisationDto, EditOrganisationDto, OrganisationPage, OrganisationView } from './organisation.dto.js';

const OneOrganisation = scopeRoutes({
  at: 'organisation',
  path: ':id',
  view: OrganisationView,
  get: { message: GetOrganisation, answers: OrganisationView, summary: 'Get an organisation' },
  edit: {
    message: EditOrganisation,
    dto: EditOrganisationDto,
    summary: 'Edit an organisation',
    needs: 'organisation.edit',
  },
  archive: {
    message: ArchiveOrganisation,
    summary: 'Archive an organisation and everything below it',
    needs: 'organisation.archive',
  },
  restore: { message: RestoreOrganisation },
});

@ApiTags('Organisations')
@Controller('v1/organisations')
export class OrganisationsController extends OneOrganisation {
  @Post()
  @Operation({
    summary: 'Create an organisation',
    needs: 'organisation.create',
    status: 201,
    answers: OrganisationView,
    codes: ['too-many-conflicts'],
    idempotent: true,
  })
  async create(@Actor() actor: string, @Body() dto: CreateOrganisationDto): Promise<OrganisationView> {
    return this.commands.execute(new CreateOrganisation(actor, dto));
  }

  @Get()
  @Operation({ summary: 'List the organisations in which you have a role, ordered by name', answers: OrganisationPage })
  async list(@Actor() actor: string, @Query() page: ScopeListDto): Promise<OrganisationPage> {
    return this.queries.execute(new ListOrganisations(actor, page));
  }
}
