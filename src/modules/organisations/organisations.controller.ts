import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PageDto } from '../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../shared/http/validation.js';
import { ArchiveOrganisation } from './archive-organisation.command.js';
import { EditOrganisation } from './edit-organisation.command.js';
import { RestoreOrganisation } from './restore-organisation.command.js';
import { CreateOrganisation } from './create-organisation.command.js';
import { GetOrganisation } from './get-organisation.query.js';
import { ListOrganisations } from './list-organisations.query.js';
import { CreateOrganisationDto, EditOrganisationDto, OrganisationPage, OrganisationView } from './organisation.dto.js';

@ApiTags('Organisations')
@Controller('v1/organisations')
export class OrganisationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Operation({
    summary: 'Creates an organisation',
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
  @Operation({ summary: 'Lists the organisations you have a role in, by name', answers: OrganisationPage })
  async list(@Actor() actor: string, @Query() page: PageDto): Promise<OrganisationPage> {
    return this.queries.execute(new ListOrganisations(actor, page));
  }

  @Get(':id')
  @Operation({ summary: 'One organisation', at: 'organisation', answers: OrganisationView })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<OrganisationView> {
    return this.queries.execute(new GetOrganisation(actor, id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Edits an organisation',
    needs: 'organisation.edit',
    at: 'organisation',
    answers: OrganisationView,
    codes: ['scope-archived', 'too-many-conflicts'],
  })
  async edit(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: EditOrganisationDto,
  ): Promise<OrganisationView> {
    return this.commands.execute(new EditOrganisation(actor, id, dto));
  }

  @Post(':id/archive')
  @Operation({
    summary: 'Archives an organisation and all that is below it',
    needs: 'organisation.archive',
    at: 'organisation',
    answers: OrganisationView,
    codes: ['scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async archive(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<OrganisationView> {
    return this.commands.execute(new ArchiveOrganisation(actor, id));
  }

  @Post(':id/restore')
  @Operation({
    summary: 'Restores an archived organisation: super-admins only',
    at: 'organisation',
    answers: OrganisationView,
    codes: ['forbidden', 'too-many-conflicts'],
    whileArchived: true,
    idempotent: true,
  })
  async restore(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<OrganisationView> {
    return this.commands.execute(new RestoreOrganisation(actor, id));
  }
}
