import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, ScopeCommand } from '../access/access.contract.js';
import type { DeploymentView } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/** Restores an archived deployment, for super-admins alone. Refuses in an archived organisation. */
export class RestoreDeployment extends ScopeCommand<DeploymentView> {}

@CommandHandler(RestoreDeployment)
export class RestoreDeploymentHandler implements ICommandHandler<RestoreDeployment> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id }: RestoreDeployment): Promise<DeploymentView> {
    return this.scopes.restore(DEPLOYMENT, actor, id);
  }
}
