import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, ScopeCommand } from '../access/access.contract.js';
import type { DeploymentView } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/** Archives a deployment, which then takes no write but a restore. Needs `deployment.archive`. */
export class ArchiveDeployment extends ScopeCommand<DeploymentView> {}

@CommandHandler(ArchiveDeployment)
export class ArchiveDeploymentHandler implements ICommandHandler<ArchiveDeployment> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id }: ArchiveDeployment): Promise<DeploymentView> {
    return this.scopes.archive(DEPLOYMENT, actor, id, 'deployment.archive');
  }
}
