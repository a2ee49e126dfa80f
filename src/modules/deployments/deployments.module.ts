import { Module, type OnModuleInit } from '@nestjs/common';
import { Scopes } from '../access/access.contract.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ArchiveDeploymentHandler } from './archive-deployment.command.js';
import { DeploymentChanges } from './deployment-changes.js';
import { EditDeploymentHandler } from './edit-deployment.command.js';
import { RestoreDeploymentHandler } from './restore-deployment.command.js';
import { CreateDeploymentHandler } from './create-deployment.command.js';
import { deploymentListProjection } from './deployment-list.projection.js';
import { DeploymentScopes } from './deployment-scopes.js';
import { DeploymentsController } from './deployments.controller.js';
import { GetDeploymentHandler } from './get-deployment.query.js';
import { ListDeploymentsHandler } from './list-deployments.query.js';

@Module({
  controllers: [DeploymentsController],
  providers: [
    DeploymentScopes,
    CreateDeploymentHandler,
    DeploymentChanges,
    EditDeploymentHandler,
    ArchiveDeploymentHandler,
    RestoreDeploymentHandler,
    GetDeploymentHandler,
    ListDeploymentsHandler,
  ],
})
export class DeploymentsModule implements OnModuleInit {
  constructor(
    private readonly scopes: Scopes,
    private readonly deployments: DeploymentScopes,
    private readonly projections: ProjectionRunner,
  ) {}

  onModuleInit(): void {
    this.scopes.register('deployment', async (id, reads) => this.deployments.load(id, reads));
    this.scopes.registerBelow(async (organisationId) => this.deployments.within(organisationId));
    this.projections.register(deploymentListProjection);
  }
}
