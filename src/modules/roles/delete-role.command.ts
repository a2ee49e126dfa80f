import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import { deleteRole, mustExist, successorIn } from '../access/access.domain.contract.js';
import { CustomRoles } from './custom-roles.js';

/** Deletes a custom role. With `moveTo`, its holders and invitees have that role from this moment on. */
export class DeleteRole extends Command<void> {
  constructor(
    readonly actor: string,
    readonly roleId: string,
    readonly moveTo: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(DeleteRole)
export class DeleteRoleHandler implements ICommandHandler<DeleteRole> {
  constructor(
    private readonly authorization: Authorization,
    private readonly customRoles: CustomRoles,
  ) {}

  async execute({ actor, roleId, moveTo }: DeleteRole): Promise<void> {
    const {
      organisationId,
      role: { definedAt },
    } = await this.customRoles.locate(roleId);
    await this.authorization.requireRoleVisible(actor, definedAt);
    await this.customRoles.change(actor, organisationId, definedAt, async (catalogue, reads) => {
      const located = { organisationId, role: mustExist(catalogue, roleId), catalogue };
      const { effectivePermissions } = await this.authorization.requireWrite(actor, 'roles.edit', definedAt, reads);
      await this.customRoles.mustNotBeHeldBy(actor, located, reads);
      if (moveTo === undefined) await this.customRoles.mustBeUnused(located);
      else for (const role of [located.role, successorIn(catalogue, moveTo)]) effectivePermissions.mustGrant(role);
      return deleteRole(catalogue, roleId, moveTo);
    });
  }
}
