import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import type { DeploymentView } from './deployment.dto.js';
import { DeploymentChanges } from './deployment-changes.js';
import { archiveDeployment } from './deployment.js';

/** Closes a deployment to every write but restoring. Needs `deployment.archive`. */
export class ArchiveDeployment extends Command<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(ArchiveDeployment)
export class ArchiveDeploymentHandler implements ICommandHandler<ArchiveDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: DeploymentChanges,
  ) {}

  async execute({ actor, id }: ArchiveDeployment): Promise<DeploymentView> {
    return this.changes.change(
      actor,
      id,
      async (ref, reads) => {
        const { scope } = await this.authorization.requireRead(actor, 'deployment.archive', ref, reads);
        return { organisationId: scope.organisation?.id ?? null, archived: scope.archived };
      },
      archiveDeployment,
    );
  }
}
