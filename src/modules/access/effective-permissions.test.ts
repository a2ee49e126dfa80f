import { EffectivePermissions, mayGrant } from './effective-permissions.js';
import { BUILT_IN_ROLES, builtInRole, type Role } from './roles/built-in-roles.js';
import type { RoleAssignment } from './roles/role-assignments.js';
import { PERMISSIONS, type Permission } from './permissions.js';
import { PLATFORM } from './scope-ref.js';
import { domainTable } from '../../../test/support/domain-document.js';
import { cellsOf, printTable } from '../../../test/support/tables.js';

/** A custom role is a role of an organisation or a deployment. */
const WHO_MAY_GRANT_WHAT = domainTable('4');

const builtIn: readonly Role[] = BUILT_IN_ROLES;
const CUSTOM = 'custom roles';

/** A role that an organisation defined. */
function custom(...permissions: Permission[]): Role {
  return {
    id: '55555555-0000-4000-8000-000000000001',
    name: 'Ward',
    permissions,
    scopes: ['organisation', 'deployment'],
  };
}

/** The sorted ids of the roles that a cell of the table names. */
function meaning(cell: string): string[] {
  const named = (words: string): string[] => {
    if (words === 'every role') return [...builtIn.map(({ id }) => id), CUSTOM];
    if (words === 'every organisation and deployment role')
      return [...builtIn.filter(({ scopes }) => !scopes.includes('platform')).map(({ id }) => id), CUSTOM];
    return [words];
  };
  return [...new Set(cell.split(', ').flatMap(named))].sort();
}

function grantableBy(inviter: Role): string[] {
  const all = [...builtIn, { ...custom('patients.view'), id: CUSTOM }];
  return all
    .filter((role) => mayGrant(inviter, role).granted)
    .map(({ id }) => id)
    .sort();
}

describe('who may grant what', () => {
  it('is the table of docs/domain.md', () => {
    const inviters = cellsOf(WHO_MAY_GRANT_WHAT).flatMap(([names, cell]) =>
      names!.split(', ').map((id) => ({ id, cell: cell! })),
    );
    const wanted = inviters.map(({ id, cell }) => [id, meaning(cell).join(', ')]);
    const found = inviters.map(({ id }) => [id, grantableBy(builtInRole(id)!).join(', ')]);
    expect(printTable(['inviter', 'may grant'], found)).toBe(printTable(['inviter', 'may grant'], wanted));
  });

  it('lets the built-in roles that it does not name grant nothing', () => {
    const named = cellsOf(WHO_MAY_GRANT_WHAT).flatMap(([names]) => names!.split(', '));
    const others = builtIn.filter(({ id }) => !named.includes(id));
    expect(others.map(({ id }) => id)).toEqual(['contributor', 'deployment-staff', 'organisation-staff', 'auditor']);
    for (const role of others) expect(grantableBy(role)).toEqual([]);
  });
});

describe('the holder of a custom role with staff.manage', () => {
  it('may grant custom roles whose permissions are among their own', () => {
    const inviter = custom('patients.view', 'patients.export', 'staff.manage');
    expect(mayGrant(inviter, custom('patients.view'))).toEqual({ granted: true });
    expect(mayGrant(inviter, custom('patients.view', 'patients.export', 'staff.manage'))).toEqual({ granted: true });
  });

  it('is told which permissions of the role they lack', () => {
    const decision = mayGrant(
      custom('patients.view', 'staff.manage'),
      custom('patients.view', 'patients.export', 'notes.manage'),
    );
    expect(decision).toEqual({ granted: false, missingPermissions: ['patients.export', 'notes.manage'] });
  });

  it('holds and needs implied permissions too', () => {
    const manager = custom('patients.manage', 'staff.manage');
    expect(mayGrant(manager, custom('patients.view', 'patients.offboard'))).toEqual({ granted: true });
    const viewer = custom('patients.view', 'staff.manage');
    expect(mayGrant(viewer, custom('patients.manage'))).toEqual({
      granted: false,
      missingPermissions: ['patients.manage', 'patients.offboard'],
    });
  });

  it('may grant no built-in role, not even one whose permissions they all hold', () => {
    const everything = custom(...PERMISSIONS);
    for (const role of builtIn) expect(mayGrant(everything, role)).toEqual({ granted: false });
  });
});

it('a custom role without staff.manage grants nothing, and its refusal names no missing permission', () => {
  expect(mayGrant(custom('patients.view'), custom('patients.view'))).toEqual({ granted: false });
});

describe('effective permissions', () => {
  const holding = (...roles: Role[]): EffectivePermissions =>
    new EffectivePermissions(roles.map((role): RoleAssignment => ({ scope: PLATFORM, role })));
  const refusal = (work: () => void): unknown => {
    try {
      work();
      return 'granted';
    } catch (error) {
      return error;
    }
  };

  it('are the permissions of all roles, with the implied ones', () => {
    const both = holding(builtInRole('organisation-staff')!, custom('patients.manage'));
    expect(PERMISSIONS.filter((permission) => both.can(permission))).toEqual([
      'patients.manage',
      'patients.view',
      'patients.view-identifiers',
      'patients.export',
      'patients.offboard',
      'staff.view',
      'deployment.view',
    ]);
  });

  it('allow and grant nothing without roles', () => {
    expect(PERMISSIONS.filter((permission) => holding().can(permission))).toEqual([]);
    expect(
      refusal(() => {
        holding().mustGrant(custom('patients.view'));
      }),
    ).toMatchObject({ code: 'role-not-grantable', details: {} });
  });

  it('grant what any of the roles grants', () => {
    const both = holding(builtInRole('auditor')!, builtInRole('access-controller')!);
    expect(
      refusal(() => {
        both.mustGrant(builtInRole('deployment-staff')!);
      }),
    ).toBe('granted');
    expect(both.mayGrant(builtInRole('deployment-staff')!)).toBe(true);
    expect(both.mayGrant(builtInRole('admin')!)).toBe(false);
    expect(
      refusal(() => {
        both.mustGrant(builtInRole('admin')!);
      }),
    ).toMatchObject({ code: 'role-not-grantable', details: {} });
  });

  it('name the missing permissions of the role that lacks the fewest', () => {
    const two = holding(
      custom('patients.view', 'staff.manage'),
      custom('patients.view', 'patients.export', 'staff.manage'),
    );
    const wanted = custom('patients.view', 'patients.export', 'notes.manage');
    expect(
      refusal(() => {
        two.mustGrant(wanted);
      }),
    ).toMatchObject({ code: 'role-not-grantable', details: { missingPermissions: ['notes.manage'] } });
  });
});
