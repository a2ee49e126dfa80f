import { BUILT_IN_ROLES } from '../../src/modules/access/roles/built-in-roles.js';
import { PERMISSIONS, withImplied, type Permission } from '../../src/modules/access/permissions.js';
import { cellsOf } from '../support/tables.js';
import { domainTable } from '../support/domain-document.js';
import type { Operation } from './openapi.js';

const SEEN = new Map(
  cellsOf(domainTable('5.2')).map(([thing, readers]) => [
    thing,
    [...readers!.matchAll(/`([^`]+)`/g)].map(([, permission]) => permission as Permission),
  ]),
);

/** Which permissions show one thing of a scope by its id, as docs/domain.md has it; any of them does. */
export const SEEN_BY: Readonly<Record<string, readonly Permission[]>> = {
  staff: seenBy('staff member'),
  'staff-invitation': seenBy('staff invitation'),
  patient: seenBy('patient'),
  'patient-invitation': seenBy('patient invitation'),
  'patient-link': seenBy('patient link'),
};

function seenBy(thing: string): readonly Permission[] {
  const permissions = SEEN.get(thing);
  if (!permissions?.length || !permissions.every((permission) => PERMISSIONS.includes(permission)))
    throw new Error(`docs/domain.md §5.2 doesn't say who sees a ${thing}`);
  return permissions;
}

/** Which permission shows the person behind it; callers without it get an alias in place of the id. */
export const IDENTIFIED_BY: Readonly<Record<string, Permission>> = {
  'staff-invitation': 'staff.view',
  patient: 'patients.view-identifiers',
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
export function sightOf(
  { scope, permission }: Operation,
  role: string,
): { has: boolean; sees: boolean; hiddenIn: 'organisation' | 'deployment' | null } {
  const permissions = permissionsOf(role);
  const [seenBy, identifiedBy] = [SEEN_BY[scope ?? ''], IDENTIFIED_BY[scope ?? '']];
  const sees = seenBy?.some((some) => permissions.has(some)) ?? true;
  const isHidden = identifiedBy !== undefined && sees && !permissions.has(identifiedBy);
  // A role of an organisation is none on the platform.
  return {
    has: scope !== 'platform' && permissions.has(permission as Permission),
    sees,
    hiddenIn: !isHidden ? null : identifiesAnybody(permissions) ? 'deployment' : 'organisation',
  };
}
