import { BUILT_IN_ROLES, builtInRole, OWNER_ROLES, type Role } from './built-in-roles.js';
import {
  CLINICAL_PERMISSIONS,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  STRUCTURAL_PERMISSIONS,
  allows,
  withImplied,
  type Permission,
} from '../permissions.js';
import { SCOPE_KINDS } from '../scope-ref.js';
import { domainTable } from '../../../../test/support/domain-document.js';
import { cellsOf, printTable } from '../../../../test/support/tables.js';

/** The permissions of the five roles for organisations and deployments. */
const CLINICAL_ROLES = domainTable('3.2');
/** The scope and permissions of the other roles. `everything` means each permission that some role lists. */
const OTHER_ROLES = domainTable('3.3');

const roles: readonly Role[] = BUILT_IN_ROLES;
const clinical = roles.filter(({ scopes }) => scopes.includes('deployment'));

function has(role: Role, permission: string): boolean {
  return role.permissions.some((own) => own === permission);
}

describe('built-in roles', () => {
  it('at organisations and deployments are the table of docs/domain.md', () => {
    const order = cellsOf(CLINICAL_ROLES).map(([permission]) => permission!);
    const used = PERMISSIONS.filter((permission) => clinical.some((role) => has(role, permission)));
    expect([...order].sort()).toEqual([...used].sort());
    const rows = order.map((permission) => [permission, ...clinical.map((role) => (has(role, permission) ? '✓' : ''))]);
    expect(printTable(['permission', ...clinical.map(({ name }) => name)], rows)).toBe(CLINICAL_ROLES);
  });

  it('of organisations and deployments are five, each for both kinds of scope', () => {
    expect(clinical.map(({ id }) => id)).toEqual([
      'admin',
      'contributor',
      'deployment-staff',
      'organisation-staff',
      'access-controller',
    ]);
    for (const { scopes } of clinical) expect(scopes).toEqual(['organisation', 'deployment']);
  });

  it('of organisations and the platform are the table of docs/domain.md', () => {
    const others = roles.filter((role) => !clinical.includes(role));
    const rows = others.map(({ id, scopes, permissions }) => [
      id,
      scopes.join(),
      permissions.length === ROLE_PERMISSIONS.length ? 'everything' : permissions.join(', '),
    ]);
    expect(printTable(['role', 'scope', 'permissions'], rows)).toBe(OTHER_ROLES);
  });

  it('name each permission once, and are found by their key', () => {
    for (const role of roles) {
      expect(new Set(role.permissions).size).toBe(role.permissions.length);
      expect(builtInRole(role.id)).toBe(role);
    }
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
    expect(builtInRole('constructor')).toBeUndefined();
  });

  it('include the owner role of the platform and of an organisation, which hold in that kind of scope alone', () => {
    expect(OWNER_ROLES).toEqual({ platform: 'super-admin', organisation: 'organisation-owner' });
    for (const kind of SCOPE_KINDS)
      if (OWNER_ROLES[kind]) expect(builtInRole(OWNER_ROLES[kind])?.scopes).toEqual([kind]);
  });
});

describe('permissions', () => {
  it('are all listed by roles, except deployment.view, which every role implies', () => {
    expect(PERMISSIONS.filter((permission) => !roles.some((role) => has(role, permission)))).toEqual([
      'deployment.view',
    ]);
    for (const { permissions } of [...roles, { permissions: [] }])
      expect(allows(permissions, 'deployment.view')).toBe(true);
    expect(CLINICAL_PERMISSIONS).not.toContain('deployment.view');
  });

  it('are eleven clinical and ten structural ones, in the order of docs/domain.md', () => {
    const rows = [
      ...CLINICAL_PERMISSIONS.map((name) => [name, 'clinical']),
      ...STRUCTURAL_PERMISSIONS.map((name) => [name, 'structural']),
    ];
    expect(cellsOf(domainTable('3.1')).map(([name, kind]) => [name!.replaceAll('`', ''), kind])).toEqual(rows);
    expect([CLINICAL_PERMISSIONS.length, STRUCTURAL_PERMISSIONS.length, new Set(PERMISSIONS).size]).toEqual([
      11, 10, 21,
    ]);
  });

  it('imply no other, except that managing patients implies seeing and offboarding them', () => {
    const implied = PERMISSIONS.map(
      (permission) => [permission, [...withImplied([permission])]] as [Permission, Permission[]],
    );
    expect(implied.filter(([, all]) => all.length > 1)).toEqual([
      ['patients.manage', ['patients.manage', 'patients.view', 'patients.offboard']],
    ]);
  });

  it('appear once each among the implied ones', () => {
    expect([...withImplied(['patients.offboard', 'patients.manage', 'staff.view'])]).toEqual([
      'patients.offboard',
      'patients.manage',
      'patients.view',
      'staff.view',
    ]);
    expect([...withImplied([])]).toEqual([]);
  });
});
