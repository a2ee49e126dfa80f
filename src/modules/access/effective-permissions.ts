import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { Role } from './roles/built-in-roles.js';
import { mayGrant } from './roles/granting.js';
import type { RoleAssignment } from './roles/role-assignments.js';
import { withImplied, type Permission } from './permissions.js';

/** What a person may do in one scope, by the roles held there and above. Pure. */
export class EffectivePermissions {
  constructor(readonly roles: readonly RoleAssignment[]) {}

  can(permission: Permission): boolean {
    return this.roles.some(({ role }) => withImplied(role.permissions).has(permission));
  }

  /**
   * @throws RuleBroken `role-not-grantable`; where a subset rule failed, with the `missingPermissions` of the held role
   * that lacks least
   */
  mustGrant(role: Role): void {
    const decisions = this.roles.map((held) => mayGrant(held.role, role));
    if (decisions.some((decision) => decision.granted)) return;
    const missing = decisions.flatMap((decision) =>
      decision.granted || !decision.missingPermissions ? [] : [decision.missingPermissions],
    );
    const [nearest] = missing.sort((a, b) => a.length - b.length);
    throw new RuleBroken('role-not-grantable', nearest ? { missingPermissions: nearest } : {});
  }

  /**
   * Whether these permissions may be put into a custom role. A caller who edits roles through a custom role alone adds
   * only permissions they hold.
   * @throws RuleBroken `role-not-grantable` with `missingPermissions`
   */
  mustBeAbleToAdd(permissions: readonly Permission[]): void {
    const isBuiltInEditor = this.roles.some(
      ({ role }) => role.definedAt === undefined && withImplied(role.permissions).has('roles.edit'),
    );
    const missingPermissions = isBuiltInEditor
      ? []
      : [...withImplied(permissions)].filter((permission) => !this.can(permission));
    if (missingPermissions.length > 0) throw new RuleBroken('role-not-grantable', { missingPermissions });
  }

  mayGrant(role: Role): boolean {
    return this.roles.some((held) => mayGrant(held.role, role).granted);
  }
}
