import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation, ScopeListDto } from '../access/access.contract.js';
import { scopeRoutes } from '../access/access.routes.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { uuidPipe } from '../../shared/http/validation.js';
import { ArchiveDeployment } from './archive-deployment.command.js';
import { EditDeployment } from './edit-deployment.command.js';
import { RestoreDeployment } from './restore-deployment.command.js';
import { CreateDeployment } from './create-deployment.command.js';
import {
  AllDeploymentsDto,
  AllDeploymentsPage,
  CreateDeploymentDto,
  DeploymentDetails,
  DeploymentPage,
  DeploymentView,
  EditDeploymentDto,
} from './deployment.dto.js';
import { GetDeployment } from './get-deployment.query.js';
import { ListAllDeployments } from './list-all-deployments.query.js';
import { ListDeployments } from './list-deployments.query.js';

const OneDeployment = scopeRoutes({
  at: 'deployment',
  path: 'deployments/:id',
  view: DeploymentView,
  get: { message: GetDeployment, answers: DeploymentDetails, summary: 'Get a deployment', codes: ['forbidden'] },
  edit: { message: EditDeployment, dto: EditDeploymentDto, summary: 'Edit a deployment', needs: 'deployment.manage' },
  archive: { message: ArchiveDeployment, summary: 'Archive a deployment', needs: 'deployment.archive' },
  restore: { message: RestoreDeployment, codes: ['scope-archived'] },
});

@ApiTags('Deployments')
@Controller('v1')
export class DeploymentsController extends OneDeployment {
  @Post('organisations/:id/deployments')
  @Operation({
    summary: 'Create a deployment',
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

  @Get('deployments')
  @Operation({
    summary: 'List the deployments of all organisations that you may see, ordered by name',
    answers: AllDeploymentsPage,
  })
  async listAll(@Actor() actor: string, @Query() page: AllDeploymentsDto): Promise<AllDeploymentsPage> {
    return this.queries.execute(new ListAllDeployments(actor, page));
  }

  @Get('organisations/:id/deployments')
  @Operation({
    summary: 'List the deployments of an organisation in which you have a role, ordered by name',
    at: 'organisation',
    answers: DeploymentPage,
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() page: ScopeListDto,
  ): Promise<DeploymentPage> {
    return this.queries.execute(new ListDeployments(actor, id, page));
  }
}
