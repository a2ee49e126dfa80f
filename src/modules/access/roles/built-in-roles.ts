import { ROLE_PERMISSIONS, type Permission } from '../permissions.js';
import type { ScopeKind, ScopeRef } from '../scope-ref.js';

/** A named set of permissions, and where it can be given. */
export interface Role {
  /** A built-in role's key, or a custom role's UUID. */
  id: string;
  name: string;
  permissions: readonly Permission[];
  /** The kinds of scope it can be given at. */
  scopes: readonly ScopeKind[];
  /** The scope in which a custom role was defined. It can be given there and below. */
  definedAt?: ScopeRef;
}

const CLINICAL: readonly ScopeKind[] = ['organisation', 'deployment'];

/** The tables of docs/domain.md §3.2 and §3.3 as data; a test compares them. */
export const BUILT_IN_ROLES = [
  {
    id: 'admin',
    name: 'Admin',
    scopes: CLINICAL,
    permissions: [
      'patients.manage',
      'patients.contact',
      'patients.view',
      'patients.export',
      'notes.manage',
      'roles.edit',
      'staff.manage',
      'staff.view',
      'patients.add-data',
      'patients.offboard',
      'audit.view',
    ],
  },
  {
    id: 'contributor',
    name: 'Contributor',
    scopes: CLINICAL,
    permissions: ['patients.contact', 'patients.view', 'patients.view-identifiers', 'patients.offboard'],
  },
  {
    id: 'deployment-staff',
    name: 'Deployment Staff',
    scopes: CLINICAL,
    permissions: ['patients.manage', 'patients.contact', 'patients.view', 'patients.export', 'patients.offboard'],
  },
  {
    id: 'organisation-staff',
    name: 'Organisation Staff',
    scopes: CLINICAL,
    permissions: ['patients.view-identifiers', 'patients.export', 'staff.view'],
  },
  {
    id: 'access-controller',
    name: 'Access Controller',
    scopes: CLINICAL,
    permissions: ['patients.export', 'notes.manage', 'roles.edit', 'staff.manage', 'staff.view', 'audit.view'],
  },
  {
    id: 'organisation-owner',
    name: 'Organisation Owner',
    scopes: ['organisation'],
    permissions: [
      'organisation.edit',
      'organisation.archive',
      'deployment.manage',
      'deployment.archive',
      'staff.manage',
      'staff.view',
      'roles.edit',
      'groups.create',
      'audit.view',
      'people.erase',
      'integrations.manage',
    ],
  },
  {
    id: 'organisation-editor',
    name: 'Organisation Editor',
    scopes: ['organisation'],
    permissions: ['deployment.manage', 'staff.manage', 'staff.view', 'groups.create'],
  },
  { id: 'auditor', name: 'Auditor', scopes: ['organisation'], permissions: ['audit.view'] },
  { id: 'super-admin', name: 'Super Admin', scopes: ['platform'], permissions: ROLE_PERMISSIONS },
  { id: 'support', name: 'Support', scopes: ['platform'], permissions: ['staff.manage', 'staff.view', 'audit.view'] },
  {
    id: 'account-manager',
    name: 'Account Manager',
    scopes: ['platform'],
    permissions: [
      'organisation.create',
      'organisation.edit',
      'organisation.archive',
      'deployment.manage',
      'staff.manage',
      'staff.view',
      'groups.create',
    ],
  },
] as const satisfies readonly Role[];

export type BuiltInRoleId = (typeof BUILT_IN_ROLES)[number]['id'];

const BY_ID: ReadonlyMap<string, Role> = new Map(BUILT_IN_ROLES.map((role) => [role.id, role]));

/** The built-in role with this key, if there is one. */
export function builtInRole(id: string): Role | undefined {
  return BY_ID.get(id);
}

/** The role of owners, by the kind of scope. A scope keeps at least one holder. Source: docs/domain.md §4 */
export const OWNER_ROLES: Readonly<Partial<Record<ScopeKind, BuiltInRoleId>>> = {
  platform: 'super-admin',
  organisation: 'organisation-owner',
};
