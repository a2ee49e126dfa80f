/** What a custom role may contain. Source: docs/domain.md §3.1 */
export const CLINICAL_PERMISSIONS = [
  'patients.manage',
  'patients.contact',
  'patients.view',
  'patients.view-identifiers',
  'patients.export',
  'patients.add-data',
  'patients.offboard',
  'notes.manage',
  'roles.edit',
  'staff.manage',
  'staff.view',
] as const;

/** Permissions over the installation's structure. Only built-in roles hold them. */
export const STRUCTURAL_PERMISSIONS = [
  'organisation.create',
  'organisation.edit',
  'organisation.archive',
  'deployment.manage',
  'deployment.archive',
  'groups.create',
  'audit.view',
  'people.erase',
  'integrations.manage',
] as const;

export const PERMISSIONS = [...CLINICAL_PERMISSIONS, ...STRUCTURAL_PERMISSIONS] as const;
export type Permission = (typeof PERMISSIONS)[number];

const IMPLIED: Partial<Record<Permission, readonly Permission[]>> = {
  'patients.manage': ['patients.view', 'patients.offboard'],
};

/** Keyed by the list itself, because a role is checked several times in every call. */
const WITH_IMPLIED = new WeakMap<readonly Permission[], ReadonlySet<Permission>>();

/** The permissions named and those they imply. @param permissions must not be changed afterwards */
export function withImplied(permissions: readonly Permission[]): ReadonlySet<Permission> {
  const known = WITH_IMPLIED.get(permissions);
  if (known) return known;
  const all = new Set(permissions.flatMap((permission) => [permission, ...(IMPLIED[permission] ?? [])]));
  WITH_IMPLIED.set(permissions, all);
  return all;
}

/**
 * What a custom role contains: the chosen permissions in the tables' order, and always `patients.view`. Source:
 * docs/domain.md §3.4
 */
export function withPatientsView(chosen: readonly Permission[]): Permission[] {
  return CLINICAL_PERMISSIONS.filter((permission) => permission === 'patients.view' || chosen.includes(permission));
}
