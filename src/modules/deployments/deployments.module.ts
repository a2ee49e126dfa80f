import { Module, type OnModuleInit } from '@nestjs/common';
import { Scopes } from '../access/access.contract.js';
import { Database } from '../../shared/database/database.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ArchiveDeploymentHandler } from './archive-deployment.command.js';
import { EditDeploymentHandler } from './edit-deployment.command.js';
import { RestoreDeploymentHandler } from './restore-deployment.command.js';
import { CreateDeploymentHandler } from './create-deployment.command.js';
import { deploymentListProjection, type DeploymentTables } from './deployment-list.projection.js';
import { DEPLOYMENT } from './deployment.js';
import { DeploymentsController } from './deployments.controller.js';
import { GetDeploymentHandler } from './get-deployment.query.js';
import { ListAllDeploymentsHandler } from './list-all-deployments.query.js';
import { ListDeploymentsHandler } from './list-deployments.query.js';

@Module({
  controllers: [DeploymentsController],
  providers: [
    CreateDeploymentHandler,
    EditDeploymentHandler,
    ArchiveDeploymentHandler,
    RestoreDeploymentHandler,
    GetDeploymentHandler,
    ListDeploymentsHandler,
    ListAllDeploymentsHandler,
  ],
})
export class DeploymentsModule implements OnModuleInit {
  constructor(
    private readonly scopes: Scopes,
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
  ) {}

  onModuleInit(): void {
    this.scopes.registerDeclared(DEPLOYMENT);
    this.scopes.registerBelow(async (organisationId) => this.idsWithin(organisationId));
    this.projections.register(deploymentListProjection);
  }

  private async idsWithin(organisationId: string): Promise<string[]> {
    const rows = await this.database
      .kysely<DeploymentTables>()
      .selectFrom('deployment')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .execute();
    return rows.map(({ id }) => id);
  }
}
