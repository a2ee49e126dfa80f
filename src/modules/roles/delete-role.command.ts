import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access, type Admission } from '../../shared/access/access.js';
import { deleteRole } from '../../shared/access/role-catalogue.js';
import { Roles } from '../../shared/access/roles.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { CustomRoles, type LocatedRole } from './custom-roles.js';

/** Ends a custom role; with `moveTo`, everybody who holds it or is invited to it has that role from this moment on. */
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
    private readonly access: Access,
    private readonly roles: Roles,
    private readonly customRoles: CustomRoles,
  ) {}

  async execute({ actor, roleId, moveTo }: DeleteRole): Promise<void> {
    const located = await this.customRoles.locate(roleId);
    const { definedAt } = located.role;
    await this.customRoles.change(actor, located.organisationId, definedAt, async (catalogue, reads) => {
      const admission = await this.access.toWrite(actor, 'roles.edit', definedAt, reads);
      await this.customRoles.mustNotBeHeldBy(actor, located, reads);
      const movedTo = moveTo === undefined ? undefined : await this.mustBeSuccessor(moveTo, located, admission);
      if (movedTo === undefined) await this.customRoles.mustBeUnused(located);
      return deleteRole(catalogue, roleId, movedTo);
    });
  }

  /** Both roles are the actor's to give, and the new one can be given wherever the old one may be held. @throws RuleBroken */
  private async mustBeSuccessor(moveTo: string, { role }: LocatedRole, admission: Admission): Promise<string> {
    admission.authority.mustGrant(role);
    const successor = await this.roles.mustBeGrantable(moveTo, admission, 'moveTo');
    if (successor.id === role.id) throw new RuleBroken('invalid-input', { errors: [{ field: 'moveTo', message: 'must be another role' }] });
    if (!role.scopes.every((kind) => successor.scopes.includes(kind))) throw new RuleBroken('role-not-for-scope');
    return successor.id;
  }
}
