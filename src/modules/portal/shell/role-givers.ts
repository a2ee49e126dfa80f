import {
  BUILT_IN_ROLES,
  type EffectivePermissions,
  type Role,
  type ScopeKind,
} from '../../access/access.domain.contract.js';

const PLATFORM_ROLES: readonly Role[] = BUILT_IN_ROLES.filter(({ scopes }) =>
  scopes.some((kind) => kind === 'platform'),
);

/** On the platform some may manage the staff of every other place, and give no role of the platform itself. */
export function mayGiveRoles(effectivePermissions: EffectivePermissions, kind: ScopeKind): boolean {
  return kind !== 'platform' || PLATFORM_ROLES.some((role) => effectivePermissions.mayGrant(role));
}
