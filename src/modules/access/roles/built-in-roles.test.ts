import { BUILT_IN_ROLES, builtInRole, OWNER_ROLES, type Role } from './built-in-roles.js';
import {
  CLINICAL_PERMISSIONS,
  PERMISSIONS,
  STRUCTURAL_PERMISSIONS,
  withImplied,
  type Permission,
} from '../permissions.js';
import { SCOPE_KINDS } from '../scope-ref.js';
import { domainTable } from '../../../../test/support/domain-document.js';
import { cellsOf, printTable } from '../../../../test/support/tables.js';

/** Five roles that may be given at an organisation or a deployment. */
const CLINICAL_ROLES = domainTable('3.2');
/** What the other roles consist of; `everything` is every permission there is. */
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

  it('can all five be given at an organisation or a deployment', () => {
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
      permissions.length === PERMISSIONS.length ? 'everything' : permissions.join(', '),
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

  it('include the one that a scope of its kind cannot be left without', () => {
    expect(OWNER_ROLES).toEqual({ platform: 'super-admin', organisation: 'organisation-owner' });
    for (const kind of SCOPE_KINDS)
      if (OWNER_ROLES[kind]) expect(builtInRole(OWNER_ROLES[kind])?.scopes).toEqual([kind]);
  });
});

describe('permissions', () => {
  it('are eleven clinical and nine structural ones, in the order of docs/domain.md', () => {
    const rows = [
      ...CLINICAL_PERMISSIONS.map((name) => [name, 'clinical']),
      ...STRUCTURAL_PERMISSIONS.map((name) => [name, 'structural']),
    ];
    expect(cellsOf(domainTable('3.1')).map(([name, kind]) => [name!.replaceAll('`', ''), kind])).toEqual(rows);
    expect([CLINICAL_PERMISSIONS.length, STRUCTURAL_PERMISSIONS.length, new Set(PERMISSIONS).size]).toEqual([
      11, 9, 20,
    ]);
  });

  it('imply others: managing patients implies seeing and offboarding them, and nothing else implies anything', () => {
    const implied = PERMISSIONS.map(
      (permission) => [permission, [...withImplied([permission])]] as [Permission, Permission[]],
    );
    expect(implied.filter(([, all]) => all.length > 1)).toEqual([
      ['patients.manage', ['patients.manage', 'patients.view', 'patients.offboard']],
    ]);
  });

  it('imply each only once', () => {
    expect([...withImplied(['patients.offboard', 'patients.manage', 'staff.view'])]).toEqual([
      'patients.offboard',
      'patients.manage',
      'patients.view',
      'staff.view',
    ]);
    expect([...withImplied([])]).toEqual([]);
  });
});
