import type { CustomRoleDomainEvent } from './custom-role.events.js';
import {
  defineRole,
  deleteRole,
  editRole,
  evolveRoleCatalogue,
  idsStandingFor,
  NO_CUSTOM_ROLES,
  resolveRole,
} from './role-catalogue.js';
import type { ScopeRef } from '../scope-ref.js';
import { decider } from '../../../../test/support/given.js';

const given = decider<typeof NO_CUSTOM_ROLES, CustomRoleDomainEvent>(NO_CUSTOM_ROLES, evolveRoleCatalogue);
const ORGANISATION: ScopeRef = { kind: 'organisation', id: '44444444-0000-4000-8000-000000000001' };

const defined = (roleId: string, name: string): CustomRoleDomainEvent => ({
  type: 'RoleDefined',
  data: { roleId, name, permissions: ['patients.view'], scope: ORGANISATION },
});
const edited = (roleId: string, name: string): CustomRoleDomainEvent => ({
  type: 'RoleEdited',
  data: { roleId, name },
});
const deleted = (roleId: string, movedTo?: string): CustomRoleDomainEvent => ({
  type: 'RoleDeleted',
  data: { roleId, ...(movedTo ? { movedTo } : {}) },
});
const nurse = defined('nurse', 'Night nurse');
const doctor = defined('doctor', 'Doctor');

describe('defining a role', () => {
  const define = (roleId: string, name: string) => (catalogue: typeof NO_CUSTOM_ROLES) =>
    defineRole(catalogue, { roleId, name, permissions: ['patients.view'], scope: ORGANISATION });

  it('stores the name, the permissions and the scope', () => {
    given().when(define('nurse', 'Night nurse')).then(nurse);
  });
  it('stores nothing on a repeat', () => {
    given(nurse).when(define('nurse', 'Night nurse')).thenNothing();
  });
  it.each([
    'Night nurse',
    'night  NURSE ',
    'Ｎight nurse',
    'Deployment Staff',
    'deployment staff',
    'Super Admin',
    'Adm\u200bin',
    'Ad\u00admin',
    'Night\u2060 nurse\ufe0f',
  ])('refuses the name %s, which is taken', (name) => {
    given(nurse).when(define('another', name)).thenRefused('name-taken');
  });
  it('accepts the name of a role that was renamed or deleted', () => {
    given(nurse, edited('nurse', 'Day nurse'))
      .when(define('another', 'Night nurse'))
      .then(defined('another', 'Night nurse'));
    given(nurse, deleted('nurse')).when(define('another', 'Night nurse')).then(defined('another', 'Night nurse'));
  });
});

describe('editing a role', () => {
  it('stores only what differs', () => {
    given(nurse)
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'Day nurse', permissions: ['patients.view'] }))
      .then(edited('nurse', 'Day nurse'));
    given(nurse)
      .when((catalogue) => editRole(catalogue, 'nurse', { permissions: ['patients.view', 'patients.export'] }))
      .then({ type: 'RoleEdited', data: { roleId: 'nurse', permissions: ['patients.view', 'patients.export'] } });
  });
  it('stores nothing when nothing differs', () => {
    given(nurse)
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'Night nurse' }))
      .thenNothing();
  });
  it('may change the capitals of its own name', () => {
    given(nurse)
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'NIGHT NURSE' }))
      .then(edited('nurse', 'NIGHT NURSE'));
  });
  it('keeps a name that an older version accepted and this one would refuse', () => {
    given(nurse, defined('twin', 'Night nur\u200bse'))
      .when((catalogue) => editRole(catalogue, 'twin', { name: 'Night nur\u200bse' }))
      .thenNothing();
  });
  it('refuses the name of another role', () => {
    given(nurse, doctor)
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'doctor' }))
      .thenRefused('name-taken');
  });
  it('refuses an unknown and a deleted role', () => {
    given()
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'X' }))
      .thenRefused('not-found');
    given(nurse, deleted('nurse'))
      .when((catalogue) => editRole(catalogue, 'nurse', { name: 'X' }))
      .thenRefused('not-found');
  });
});

describe('deleting a role', () => {
  it('records the successor that the holders get', () => {
    given(nurse)
      .when((catalogue) => deleteRole(catalogue, 'nurse'))
      .then(deleted('nurse'));
    given(nurse, doctor)
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'doctor'))
      .then(deleted('nurse', 'doctor'));
  });
  it('refuses a successor that is deleted, unknown or the role itself', () => {
    given(nurse, doctor, deleted('doctor'))
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'doctor'))
      .thenRefused('not-found');
    given(nurse, doctor, deleted('doctor', 'nurse'))
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'doctor'))
      .thenRefused('not-found');
    given(nurse)
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'nothing'))
      .thenRefused('invalid-input');
    given(nurse)
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'nurse'))
      .thenRefused('invalid-input');
  });
  it('refuses a successor that cannot be granted in every scope of the deleted role', () => {
    const at = (roleId: string, id: string): CustomRoleDomainEvent => ({
      type: 'RoleDefined',
      data: { roleId, name: roleId, permissions: ['patients.view'], scope: { kind: 'deployment', id } },
    });
    given(nurse, at('here', 'one'))
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'here'))
      .thenRefused('role-not-for-scope');
    given(at('here', 'one'), at('there', 'two'))
      .when((catalogue) => deleteRole(catalogue, 'here', 'there'))
      .thenRefused('role-not-for-scope');
    given(nurse)
      .when((catalogue) => deleteRole(catalogue, 'nurse', 'auditor'))
      .thenRefused('role-not-for-scope');
    given(nurse, at('here', 'one'))
      .when((catalogue) => deleteRole(catalogue, 'here', 'nurse'))
      .then(deleted('here', 'nurse'));
    given(at('here', 'one'), at('too', 'one'))
      .when((catalogue) => deleteRole(catalogue, 'here', 'too'))
      .then(deleted('here', 'too'));
  });
  it('refuses a deleted role', () => {
    given(nurse, deleted('nurse'))
      .when((catalogue) => deleteRole(catalogue, 'nurse'))
      .thenRefused('not-found');
  });
});

describe('the role that an id resolves to', () => {
  const names = (...history: CustomRoleDomainEvent[]) =>
    ['nurse', 'doctor', 'contributor', 'nothing'].map((id) => resolveRole(given(...history).state, id)?.name ?? null);

  it('is the role with that id', () => {
    expect(names(nurse, doctor)).toEqual(['Night nurse', 'Doctor', 'Contributor', null]);
  });
  it('is null after the role was deleted without a successor', () => {
    expect(names(nurse, deleted('nurse'))).toEqual([null, null, 'Contributor', null]);
  });
  it('is the successor of a deleted role, and the successor of that', () => {
    const history = [nurse, doctor, deleted('nurse', 'doctor'), deleted('doctor', 'contributor')];
    expect(names(...history.slice(0, 3))).toEqual(['Doctor', 'Doctor', 'Contributor', null]);
    expect(names(...history)).toEqual(['Contributor', 'Contributor', 'Contributor', null]);
    expect(idsStandingFor(given(...history).state, 'contributor').sort()).toEqual(['contributor', 'doctor', 'nurse']);
  });
  it('is null where successors form a circle, which an earlier version could store', () => {
    expect(names(nurse, doctor, deleted('nurse', 'doctor'), deleted('doctor', 'nurse'))).toEqual([
      null,
      null,
      'Contributor',
      null,
    ]);
    expect(names(nurse, doctor, deleted('nurse', 'doctor'), deleted('doctor', 'doctor'))).toEqual([
      null,
      null,
      'Contributor',
      null,
    ]);
    expect(
      idsStandingFor(given(nurse, doctor, deleted('nurse', 'doctor'), deleted('doctor', 'nurse')).state, 'nurse'),
    ).toEqual(['nurse']);
  });
  it('is found at the end of ten thousand successors', () => {
    const ids = Array.from({ length: 10_000 }, (_, n) => `role-${String(n)}`);
    const catalogue = new Map(
      ids.map((id, n) => [
        id,
        {
          id,
          name: id,
          permissions: [],
          scopes: [],
          definedAt: ORGANISATION,
          deleted: { movedTo: ids[n + 1] ?? 'contributor' },
        },
      ]),
    );
    expect(resolveRole(catalogue, 'role-0')?.name).toBe('Contributor');
  });
});
