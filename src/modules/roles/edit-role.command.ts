import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import { editRole, mustExist, withImplied, withPatientsView } from '../access/access.domain.contract.js';
import { CustomRoles } from './custom-roles.js';
import { roleView } from './role-view.js';
import type { EditRoleDto, RoleView } from './role.dto.js';

/** Changes a custom role's name or permissions, for its holders from this moment on. */
export class EditRole extends Command<RoleView> {
  constructor(
    readonly actor: string,
    readonly roleId: string,
    readonly dto: EditRoleDto,
  ) {
    super();
  }
}

@CommandHandler(EditRole)
export class EditRoleHandler implements ICommandHandler<EditRole> {
  constructor(
    private readonly authorization: Authorization,
    private readonly customRoles: CustomRoles,
  ) {}

  async execute({ actor, roleId, dto }: EditRole): Promise<RoleView> {
    const located = await this.customRoles.locate(roleId);
    const {
      organisationId,
      role: { definedAt },
    } = located;
    await this.authorization.requireRoleVisible(actor, definedAt);
    const { effectivePermissions } = await this.authorization.requirePreview(actor, 'roles.edit', definedAt);
    const permissions = dto.permissions && withPatientsView(dto.permissions);
    const changes = {
      ...(dto.name === undefined ? {} : { name: dto.name.trim() }),
      ...(permissions ? { permissions } : {}),
    };
    const after = await this.customRoles.change(actor, organisationId, definedAt, async (catalogue, reads) => {
      const role = mustExist(catalogue, roleId);
      const before = withImplied(role.permissions);
      const now = await this.authorization.requireWrite(actor, 'roles.edit', definedAt, reads);
      await this.customRoles.mustNotBeHeldBy(actor, { organisationId, role, catalogue }, reads);
      now.effectivePermissions.mustBeAbleToAdd(
        [...withImplied(permissions ?? [])].filter((permission) => !before.has(permission)),
      );
      return editRole(catalogue, roleId, changes);
    });
    return roleView(mustExist(after, roleId), effectivePermissions);
  }
}
