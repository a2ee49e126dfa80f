import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import { defineRole, mustExist, withPatientsView, type ScopeRef } from '../access/access.domain.contract.js';
import { newId } from '../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { CustomRoles } from './custom-roles.js';
import { roleView } from './role-view.js';
import type { DefineRoleDto, RoleView } from './role.dto.js';

/** Defines a custom role of an organisation or of one deployment. */
export class DefineRole extends Command<RoleView> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly dto: DefineRoleDto,
  ) {
    super();
  }
}

@CommandHandler(DefineRole)
export class DefineRoleHandler implements ICommandHandler<DefineRole> {
  constructor(
    private readonly authorization: Authorization,
    private readonly customRoles: CustomRoles,
  ) {}

  async execute({ actor, scope: ref, dto }: DefineRole): Promise<RoleView> {
    const permissions = withPatientsView(dto.permissions);
    const { scope, effectivePermissions } = await this.authorization.requirePreview(actor, 'roles.edit', ref);
    effectivePermissions.mustBeAbleToAdd(permissions);
    if (!scope.organisation) throw new RuleBroken('not-found');
    const organisationId = scope.organisation.id;
    const roleId = newId('role');
    const defined = { roleId, name: dto.name.trim(), permissions, scope: { kind: scope.kind, id: scope.id } };
    const catalogue = await this.customRoles.change(actor, organisationId, scope, async (before, reads) => {
      const authorization = await this.authorization.requireWrite(actor, 'roles.edit', ref, reads);
      authorization.effectivePermissions.mustBeAbleToAdd(permissions);
      return defineRole(before, defined);
    });
    return roleView(mustExist(catalogue, roleId), effectivePermissions);
  }
}
