import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivableScopes, EditScopeCommand } from '../access/access.contract.js';
import type { DeploymentView, EditDeploymentDto } from './deployment.dto.js';
import { DEPLOYMENT } from './deployment.js';

/** Changes those fields of a deployment that the call has. Needs `deployment.manage`. */
export class EditDeployment extends EditScopeCommand<EditDeploymentDto, DeploymentView> {}

@CommandHandler(EditDeployment)
export class EditDeploymentHandler implements ICommandHandler<EditDeployment> {
  constructor(private readonly scopes: ArchivableScopes) {}

  async execute({ actor, id, dto }: EditDeployment): Promise<DeploymentView> {
    const { offboardingReasons: reasons, ...rest } = dto;
    const changes = { ...rest, ...(reasons === undefined ? {} : { offboardingReasons: reasons ?? [] }) };
    return this.scopes.edit(DEPLOYMENT, actor, id, 'deployment.manage', changes);
  }
}
