import { BUILT_IN_ROLES } from '../../src/shared/access/built-in-roles.js';
import { withImplied, type Permission } from '../../src/shared/access/permissions.js';
import type { Operation } from './openapi.js';

/** Which permissions show one thing of a scope by its id; any of them does. Copied from DOMAIN §2 "May see, by id". */
export const SEEN_BY: Readonly<Record<string, readonly Permission[]>> = {
  'staff': ['staff.view'],
  'staff-invitation': ['staff.view', 'staff.manage'],
  'patient': ['patients.view'],
  'patient-invitation': ['patients.view'],
  'patient-link': ['patients.manage'],
};

/** Which permission shows who is behind it; who lacks it is given an alias in place of the id. */
export const IDENTIFIED_BY: Readonly<Record<string, Permission>> = {
  'staff-invitation': 'staff.view',
  'patient': 'patients.view-identifiers',
  'patient-invitation': 'patients.view-identifiers',
};

/** What a built-in role permits. */
export function permissionsOf(role: string): ReadonlySet<Permission> {
  return withImplied(BUILT_IN_ROLES.find(({ id }) => id === role)!.permissions);
}

/** Whether a set of permissions shows who anybody is. */
export function identifiesAnybody(permissions: ReadonlySet<Permission>): boolean {
  return permissions.has('staff.view') || permissions.has('patients.view-identifiers');
}

/**
 * What a role of the organisation makes of a route: whether it has the permission, whether it sees the thing, and where it may not see who is behind
 * it, the scope that its aliases are keyed by.
 */
export function sightOf({ scope, permission }: Operation, role: string): { has: boolean; sees: boolean; hiddenIn: 'organisation' | 'deployment' | null } {
  const permissions = permissionsOf(role);
  const [seenBy, identifiedBy] = [SEEN_BY[scope ?? ''], IDENTIFIED_BY[scope ?? '']];
  const sees = seenBy?.some((some) => permissions.has(some)) ?? true;
  const isHidden = identifiedBy !== undefined && sees && !permissions.has(identifiedBy);
  // A role of an organisation is none on the platform.
  return { has: scope !== 'platform' && permissions.has(permission as Permission), sees, hiddenIn: !isHidden ? null : identifiesAnybody(permissions) ? 'deployment' : 'organisation' };
}
