import { comparableName } from '../../../shared/text/names.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { BUILT_IN_ROLES, builtInRole, type Role } from '../roles/built-in-roles.js';
import type { CustomRoleEvent, CustomRoleDomainEvent, CustomRoleDomainEvents } from './custom-role.events.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../scope-ref.js';

/** A role that an organisation defined for itself. */
export interface CustomRole extends Role {
  definedAt: ScopeRef;
  /** Null while the role can be given. `movedTo` is the role that its holders have since its deletion, if any. */
  deleted: { movedTo: string | null } | null;
}

/** Every custom role an organisation ever had, by id. */
export type RoleCatalogue = ReadonlyMap<string, CustomRole>;

export const NO_CUSTOM_ROLES: RoleCatalogue = new Map();

export function evolveRoleCatalogue(catalogue: RoleCatalogue, event: CustomRoleEvent): RoleCatalogue {
  const { roleId } = event.data;
  const before = catalogue.get(roleId);
  const after = (role: CustomRole): RoleCatalogue => new Map(catalogue).set(roleId, role);
  switch (event.type) {
    case 'RoleDefined': {
      const { name, permissions, scope } = event.data;
      const scopes = scope.kind === 'organisation' ? (['organisation', 'deployment'] as const) : [scope.kind];
      return after({ id: roleId, name, permissions, scopes, definedAt: scope, deleted: null });
    }
    case 'RoleEdited': {
      const { name, permissions } = event.data;
      return before
        ? after({ ...before, name: name ?? before.name, permissions: permissions ?? before.permissions })
        : catalogue;
    }
    case 'RoleDeleted':
      return before ? after({ ...before, deleted: { movedTo: event.data.movedTo ?? null } }) : catalogue;
  }
}

/**
 * The role that an id means now: built-in, custom, or the successor of a deleted one. Earlier versions stored deletions
 * whose successors lead back to the same id. Such an id means no role.
 */
export function resolveRole(catalogue: RoleCatalogue, id: string): Role | undefined {
  const passed = new Set<string>();
  for (let next: string | null = id; next !== null && !passed.has(next);) {
    const custom = catalogue.get(next);
    if (!custom?.deleted) return custom ?? builtInRole(next);
    passed.add(next);
    next = custom.deleted.movedTo;
  }
  return undefined;
}

/** Every id that means this role: its own, and those of deleted roles whose holders moved to it. */
export function idsStandingFor(catalogue: RoleCatalogue, id: string): string[] {
  return [id, ...[...catalogue.keys()].filter((other) => other !== id && resolveRole(catalogue, other)?.id === id)];
}

/** Defines a role. Returns no event for an id that is defined already. @throws RuleBroken `name-taken` */
export function defineRole(
  catalogue: RoleCatalogue,
  role: CustomRoleDomainEvents['RoleDefined'],
): CustomRoleDomainEvent[] {
  if (catalogue.has(role.roleId)) return [];
  mustBeFree(catalogue, role.name, role.roleId);
  return [{ type: 'RoleDefined', data: role }];
}

/**
 * Changes a role's name or permissions, for its holders too. Returns no event when nothing differs.
 * @throws RuleBroken `not-found`, `name-taken`
 */
export function editRole(
  catalogue: RoleCatalogue,
  roleId: string,
  changes: { name?: string; permissions?: Permission[] },
): CustomRoleDomainEvent[] {
  const role = mustExist(catalogue, roleId);
  const { name, permissions } = changes;
  if (name !== undefined && name !== role.name) mustBeFree(catalogue, name, roleId);
  const differing = {
    ...(name !== undefined && name !== role.name ? { name } : {}),
    ...(permissions && !sameSet(permissions, role.permissions) ? { permissions } : {}),
  };
  return Object.keys(differing).length === 0 ? [] : [{ type: 'RoleEdited', data: { roleId, ...differing } }];
}

/**
 * Deletes a role; its holders have `movedTo` from that moment on. The successor is no deleted role, so no chain of
 * successors leads back to the role.
 * @throws RuleBroken `not-found` for a deleted role; as `successorIn`; `role-not-for-scope`
 */
export function deleteRole(catalogue: RoleCatalogue, roleId: string, movedTo?: string): CustomRoleDomainEvent[] {
  const role = mustExist(catalogue, roleId);
  if (movedTo !== undefined) mustSucceed(role, successorIn(catalogue, movedTo));
  return [{ type: 'RoleDeleted', data: { roleId, ...(movedTo === undefined ? {} : { movedTo }) } }];
}

/**
 * The role to which holders of another role move.
 * @throws RuleBroken `not-found` for a deleted one, `invalid-input` for an unknown one
 */
export function successorIn(catalogue: RoleCatalogue, id: string): Role {
  const role = builtInRole(id) ?? (catalogue.has(id) ? mustExist(catalogue, id) : undefined);
  if (!role)
    throw new RuleBroken('invalid-input', { errors: [{ field: 'moveTo', message: 'must be an existing role' }] });
  return role;
}

/** The custom role of this id that can still be given. @throws RuleBroken `not-found` */
export function mustExist(catalogue: RoleCatalogue, roleId: string): CustomRole {
  const role = assignableRole(catalogue, roleId);
  if (!role) throw new RuleBroken('not-found');
  return role;
}

/** The custom role of this id, unless it was deleted. */
export function assignableRole(catalogue: RoleCatalogue, roleId: string): CustomRole | undefined {
  const role = catalogue.get(roleId);
  return role?.deleted ? undefined : role;
}

/** Checks that the successor can be given in each scope where the old role could be given. @throws RuleBroken */
function mustSucceed(role: CustomRole, successor: Role): void {
  if (successor.id === role.id)
    throw new RuleBroken('invalid-input', { errors: [{ field: 'moveTo', message: 'must be another role' }] });
  const { definedAt } = successor;
  const coversAll = definedAt === undefined || definedAt.kind === 'organisation' || definedAt.id === role.definedAt.id;
  if (!coversAll || !role.scopes.every((kind) => successor.scopes.includes(kind)))
    throw new RuleBroken('role-not-for-scope');
}

function mustBeFree(catalogue: RoleCatalogue, name: string, roleId: string): void {
  const others = [...BUILT_IN_ROLES, ...[...catalogue.values()].filter((role) => !role.deleted && role.id !== roleId)];
  const wanted = comparableName(name);
  if (others.some((other) => comparableName(other.name) === wanted)) throw new RuleBroken('name-taken');
}

function sameSet(left: readonly Permission[], right: readonly Permission[]): boolean {
  return left.length === right.length && left.every((permission) => right.includes(permission));
}
