import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PageDto } from '../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../shared/http/validation.js';
import { ArchiveDeployment } from './archive-deployment.command.js';
import { EditDeployment } from './edit-deployment.command.js';
import { RestoreDeployment } from './restore-deployment.command.js';
import { CreateDeployment } from './create-deployment.command.js';
import { CreateDeploymentDto, DeploymentPage, DeploymentView, EditDeploymentDto } from './deployment.dto.js';
import { GetDeployment } from './get-deployment.query.js';
import { ListDeployments } from './list-deployments.query.js';

@ApiTags('Deployments')
@Controller('v1')
export class DeploymentsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('organisations/:id/deployments')
  @Operation({
    summary: 'Creates a deployment',
    needs: 'deployment.manage',
    at: 'organisation',
    status: 201,
    answers: DeploymentView,
    codes: ['scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async create(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: CreateDeploymentDto,
  ): Promise<DeploymentView> {
    return this.commands.execute(new CreateDeployment(actor, id, dto));
  }

  @Get('organisations/:id/deployments')
  @Operation({
    summary: "Lists an organisation's deployments that you have a role in, by name",
    at: 'organisation',
    answers: DeploymentPage,
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() page: PageDto,
  ): Promise<DeploymentPage> {
    return this.queries.execute(new ListDeployments(actor, id, page));
  }

  @Get('deployments/:id')
  @Operation({ summary: 'One deployment', at: 'deployment', answers: DeploymentView, codes: ['forbidden'] })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<DeploymentView> {
    return this.queries.execute(new GetDeployment(actor, id));
  }

  @Patch('deployments/:id')
  @Operation({
    summary: 'Edits a deployment',
    needs: 'deployment.manage',
    at: 'deployment',
    answers: DeploymentView,
    codes: ['scope-archived', 'too-many-conflicts'],
  })
  async edit(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: EditDeploymentDto,
  ): Promise<DeploymentView> {
    return this.commands.execute(new EditDeployment(actor, id, dto));
  }

  @Post('deployments/:id/archive')
  @Operation({
    summary: 'Archives a deployment',
    needs: 'deployment.archive',
    at: 'deployment',
    answers: DeploymentView,
    codes: ['scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async archive(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<DeploymentView> {
    return this.commands.execute(new ArchiveDeployment(actor, id));
  }

  @Post('deployments/:id/restore')
  @Operation({
    summary: 'Restores an archived deployment: super-admins only',
    at: 'deployment',
    answers: DeploymentView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
    whileArchived: true,
    idempotent: true,
  })
  async restore(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<DeploymentView> {
    return this.commands.execute(new RestoreDeployment(actor, id));
  }
}
