import { BUILT_IN_ROLES, type BuiltInRoleId, type Role } from './built-in-roles.js';
import { withImplied, type Permission } from '../permissions.js';

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
  { granted: true } | { granted: false; /** What a subset rule found lacking. */ missingPermissions?: Permission[] };

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
