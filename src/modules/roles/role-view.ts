import type { EffectivePermissions, Role } from '../access/access.domain.contract.js';
import type { RoleView } from './role.dto.js';

/** A role as the API shows it to a caller with these permissions. */
export function roleView(role: Role, effectivePermissions: EffectivePermissions): RoleView {
  return {
    id: role.id,
    name: role.name,
    custom: role.definedAt !== undefined,
    permissions: [...role.permissions],
    definedAt: role.definedAt ?? null,
    grantable: effectivePermissions.mayGrant(role),
  };
}
