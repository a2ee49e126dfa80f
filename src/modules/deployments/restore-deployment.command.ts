import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, Scopes } from '../access/access.contract.js';
import type { DeploymentView } from './deployment.dto.js';
import { DeploymentChanges } from './deployment-changes.js';
import { restoreDeployment } from './deployment.js';

/** Opens an archived deployment again. Only super-admins may, and not in an archived organisation. */
export class RestoreDeployment extends Command<DeploymentView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RestoreDeployment)
export class RestoreDeploymentHandler implements ICommandHandler<RestoreDeployment> {
  constructor(
    private readonly authorization: Authorization,
    private readonly scopes: Scopes,
    private readonly changes: DeploymentChanges,
  ) {}

  async execute({ actor, id }: RestoreDeployment): Promise<DeploymentView> {
    return this.changes.change(
      actor,
      id,
      async (ref, reads) => {
        const { scope } = await this.authorization.requireSuperAdmin(actor, ref, reads);
        const organisation =
          scope.organisation && (await this.scopes.load({ kind: 'organisation', id: scope.organisation.id }, reads));
        return { organisationId: scope.organisation?.id ?? null, archived: organisation?.archived ?? false };
      },
      restoreDeployment,
    );
  }
}
