import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { BUILT_IN_ROLES, type BuiltInRoleId, type Role } from './roles/built-in-roles.js';
import type { RoleAssignment } from './roles/role-assignments.js';
import { allows, type Permission, withImplied } from './permissions.js';

/** The built-in roles that the holder of a role may give, and whether they may give custom ones. */
interface MayGrant {
  roles: readonly BuiltInRoleId[];
  custom: boolean;
}

const EVERY_ROLE = BUILT_IN_ROLES.map((role) => role.id);
const BELOW_PLATFORM = BUILT_IN_ROLES.filter((role) => !role.scopes.some((kind) => kind === 'platform')).map(
  (role) => role.id,
);
const CLINICAL: readonly BuiltInRoleId[] = [
  'admin',
  'contributor',
  'deployment-staff',
  'organisation-staff',
  'access-controller',
];

/** The table of docs/domain.md §4 as data. A role that isn't a key grants nothing. */
export const GRANTING: Readonly<Partial<Record<BuiltInRoleId, MayGrant>>> = {
  'super-admin': { roles: EVERY_ROLE, custom: true },
  support: { roles: BELOW_PLATFORM, custom: true },
  'account-manager': { roles: BELOW_PLATFORM, custom: true },
  'organisation-owner': { roles: BELOW_PLATFORM, custom: true },
  'organisation-editor': { roles: CLINICAL, custom: false },
  admin: { roles: CLINICAL, custom: true },
  'access-controller': { roles: ['deployment-staff', 'organisation-staff', 'access-controller'], custom: true },
};

export type GrantDecision =
  | { granted: true }
  | { granted: false; /** The permissions that the inviter's custom role lacks. */ missingPermissions?: Permission[] };

/** Whether the holder of `inviter` may give, take or change `role`. Source: docs/domain.md §4 */
export function mayGrant(inviter: Role, role: Role): GrantDecision {
  const row = GRANTING[inviter.id as BuiltInRoleId];
  if (row) return { granted: isBuiltIn(role) ? row.roles.some((id) => id === role.id) : row.custom };
  if (isBuiltIn(inviter) || isBuiltIn(role) || !withImplied(inviter.permissions).has('staff.manage'))
    return { granted: false };
  const own = withImplied(inviter.permissions);
  const missingPermissions = [...withImplied(role.permissions)].filter((permission) => !own.has(permission));
  return missingPermissions.length === 0 ? { granted: true } : { granted: false, missingPermissions };
}

function isBuiltIn(role: Role): boolean {
  return BUILT_IN_ROLES.some((builtIn) => builtIn.id === role.id);
}

/** The permissions of a person in one scope, by the roles held there and above, or as a guest. */
export class EffectivePermissions {
  constructor(
    readonly roles: readonly RoleAssignment[],
    private readonly asGuest: readonly Permission[] = [],
  ) {}

  can(permission: Permission): boolean {
    return this.asGuest.includes(permission) || this.roles.some(({ role }) => allows(role.permissions, permission));
  }

  /** @throws RuleBroken `role-not-grantable`; after a subset rule, with the shortest list of `missingPermissions` */
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
   * Checks that the caller may put these permissions into a custom role. A caller who has `roles.edit` from custom
   * roles alone adds only permissions they hold.
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
