import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, targetsOf } from '../access/access.contract.js';
import type { DeploymentView, EditDeploymentDto } from './deployment.dto.js';
import { DeploymentChanges } from './deployment-changes.js';
import { editDeployment } from './deployment.js';

/** Changes the fields that were sent. Needs `deployment.manage`. */
export class EditDeployment extends Command<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly dto: EditDeploymentDto,
  ) {
    super();
  }
}

@CommandHandler(EditDeployment)
export class EditDeploymentHandler implements ICommandHandler<EditDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: DeploymentChanges,
  ) {}

  async execute({ actor, id, dto }: EditDeployment): Promise<DeploymentView> {
    const { targets, offboardingReasons: reasons, ...rest } = dto;
    return this.changes.change(
      actor,
      id,
      async (ref, reads) => {
        const { scope } = await this.authorization.requireRead(actor, 'deployment.manage', ref, reads);
        return { organisationId: scope.organisation?.id ?? null, archived: scope.archived };
      },
      (deployment) =>
        editDeployment(deployment, {
          ...rest,
          ...(targets ? { targets: targetsOf(targets, deployment) } : {}),
          ...(reasons === undefined ? {} : { offboardingReasons: reasons ?? [] }),
        }),
    );
  }
}
