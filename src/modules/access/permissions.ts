/** The permissions that a custom role may contain. Source: docs/domain.md §3.1 */
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

/**
 * The permission to see a deployment. Every role that holds there implies it, so no role lists it. Source:
 * docs/domain.md §3.1
 */
const BY_ANY_ROLE = 'deployment.view';

/** Permissions over the installation's structure. No custom role contains them. */
export const STRUCTURAL_PERMISSIONS = [
  BY_ANY_ROLE,
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

/** The permissions that roles list. */
export const ROLE_PERMISSIONS = PERMISSIONS.filter((permission) => permission !== BY_ANY_ROLE);

/** Whether the holder of a role with these permissions has one of them. */
export function allows(permissions: readonly Permission[], permission: Permission): boolean {
  return permission === BY_ANY_ROLE || withImplied(permissions).has(permission);
}

/** Permissions that a permission implies. */
export const IMPLIED: Partial<Record<Permission, readonly Permission[]>> = {
  'patients.manage': ['patients.view', 'patients.offboard'],
};

/** A cache by the list object, because a call checks a role several times. */
const WITH_IMPLIED = new WeakMap<readonly Permission[], ReadonlySet<Permission>>();

/** The permissions and those they imply. @param permissions must never change afterwards */
export function withImplied(permissions: readonly Permission[]): ReadonlySet<Permission> {
  const known = WITH_IMPLIED.get(permissions);
  if (known) return known;
  const all = new Set(permissions.flatMap((permission) => [permission, ...(IMPLIED[permission] ?? [])]));
  WITH_IMPLIED.set(permissions, all);
  return all;
}

/**
 * The permissions of a custom role: the chosen ones in the tables' order, and always `patients.view`. Source:
 * docs/domain.md §3.4
 */
export function withPatientsView(chosen: readonly Permission[]): Permission[] {
  return CLINICAL_PERMISSIONS.filter((permission) => permission === 'patients.view' || chosen.includes(permission));
}
