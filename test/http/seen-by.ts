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

/** The permissions that show one thing of a scope by its id, by docs/domain.md. Each of them suffices. */
export const SEEN_BY: Readonly<Record<string, readonly Permission[]>> = {
  staff: seenBy('staff member'),
  'staff-invitation': seenBy('staff invitation'),
  observer: seenBy('observer'),
  'observer-invitation': seenBy('observer invitation'),
  grant: seenBy('grant'),
  // Those of these tests are about staff.
  entry: [...seenBy('entry of the history'), ...seenBy('staff member')],
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

/** The permission that shows the person of a thing. Callers without it get an alias instead of the id. */
export const IDENTIFIED_BY: Readonly<Record<string, Permission>> = {
  'staff-invitation': 'staff.view',
  'observer-invitation': 'staff.view',
  // Those of these tests are staff's.
  grant: 'staff.view',
  entry: 'staff.view',
  patient: 'patients.view-identifiers',
  'patient-invitation': 'patients.view-identifiers',
};

/** The permissions of a built-in role. */
export function permissionsOf(role: string): ReadonlySet<Permission> {
  return withImplied(BUILT_IN_ROLES.find(({ id }) => id === role)!.permissions);
}

/** Whether a set of permissions lets its holder identify anybody. */
export function identifiesAnybody(permissions: ReadonlySet<Permission>): boolean {
  return permissions.has('staff.view') || permissions.has('patients.view-identifiers');
}

/**
 * How a role of the organisation sees a route: whether it has the permission, and whether it sees the thing.
 * `hiddenIn` is the scope that keys its aliases, when it may not identify the thing's person.
 */
export function sightOf(
  { scope, permission }: Operation,
  role: string,
): { has: boolean; sees: boolean; hiddenIn: 'organisation' | 'deployment' | null } {
  const permissions = permissionsOf(role);
  const [seenBy, identifiedBy] = [SEEN_BY[scope ?? ''], IDENTIFIED_BY[scope ?? '']];
  const sees = seenBy?.some((some) => permissions.has(some)) ?? true;
  const isHidden = identifiedBy !== undefined && sees && !permissions.has(identifiedBy);
  // A role of an organisation gives nothing on the platform.
  return {
    has: scope !== 'platform' && permissions.has(permission as Permission),
    sees,
    hiddenIn: !isHidden ? null : identifiesAnybody(permissions) ? 'deployment' : 'organisation',
  };
}
