import { Injectable } from '@nestjs/common';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { AuthorizationResult } from '../authorization.js';
import { builtInRole, type Role } from './built-in-roles.js';
import type { CustomRoleEvent } from '../custom-roles/custom-role.events.js';
import {
  evolveRoleCatalogue,
  assignableRole,
  idsStandingFor,
  NO_CUSTOM_ROLES,
  resolveRole,
  type RoleCatalogue,
} from '../custom-roles/role-catalogue.js';
import type { Scope } from '../scopes/scopes.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/** The name of a role in events and rows. */
export interface NamedRole {
  role: string;
  /** The organisation that may have defined the role; null on the platform. */
  organisationId: string | null;
}

/** The stream of all custom roles of an organisation. */
export function roleStream(organisationId: string): string {
  return StreamId.of('role', organisationId);
}

export function roleCatalogueFrom(history: readonly StoredEvent[]): RoleCatalogue {
  return (history as readonly unknown[] as readonly CustomRoleEvent[]).reduce(evolveRoleCatalogue, NO_CUSTOM_ROLES);
}

/**
 * Finds roles by their ids. It reads custom roles from the streams, so an edited role acts at once. `reads` is a
 * command's read set, or the store.
 */
@Injectable()
export class Roles {
  constructor(private readonly store: EventStore) {}

  async catalogue(organisationId: string | null, reads: StreamSource = this.store): Promise<RoleCatalogue> {
    return organisationId === null ? NO_CUSTOM_ROLES : roleCatalogueFrom(await reads.read(roleStream(organisationId)));
  }

  /** The role that the id means; undefined for an unknown one, and for a deleted one without a successor. */
  async find(named: NamedRole, reads: StreamSource = this.store): Promise<Role | undefined> {
    return builtInRole(named.role) ?? resolveRole(await this.catalogue(named.organisationId, reads), named.role);
  }

  /** The roles for readers, in the order asked. A deleted role keeps its last name and grants nothing. */
  async describe(named: readonly NamedRole[], reads: StreamSource = this.store): Promise<Role[]> {
    const organisations = new Set(
      named.flatMap(({ role, organisationId }) =>
        organisationId === null || builtInRole(role) ? [] : [organisationId],
      ),
    );
    const histories =
      organisations.size === 0
        ? new Map<string, readonly StoredEvent[]>()
        : await reads.readMany([...organisations].map(roleStream));
    const catalogues = new Map(
      [...organisations].map((id) => [id, roleCatalogueFrom(histories.get(roleStream(id)) ?? [])]),
    );
    return named.map(({ role: id, organisationId }) => {
      const catalogue = catalogues.get(organisationId ?? '') ?? NO_CUSTOM_ROLES;
      return (
        builtInRole(id) ??
        resolveRole(catalogue, id) ?? { id, name: catalogue.get(id)?.name ?? id, permissions: [], scopes: [] }
      );
    });
  }

  /** Every id by which events and rows may name the role. */
  async idsOf({ role, organisationId }: NamedRole): Promise<string[]> {
    return idsStandingFor(await this.catalogue(organisationId), role);
  }

  /**
   * The role, if the caller may take it from a holder or an invitee. It may be a deleted one.
   * @throws RuleBroken `role-not-grantable`
   */
  async mustBeTakeable(id: string, { scope, effectivePermissions, reads }: AuthorizationResult): Promise<Role> {
    const [role] = await this.describe([{ role: id, organisationId: scope.organisation?.id ?? null }], reads);
    if (!role) throw new TypeError('the role has no description');
    effectivePermissions.mustGrant(role);
    return role;
  }

  /**
   * The role with this very id, if these permissions may give it in this scope.
   * @throws RuleBroken `invalid-input` for an unknown role, `role-not-grantable`, `role-not-for-scope`, in this order
   */
  async mustBeGrantable(id: string, { scope, effectivePermissions, reads }: AuthorizationResult): Promise<Role> {
    const role = builtInRole(id) ?? assignableRole(await this.catalogue(scope.organisation?.id ?? null, reads), id);
    if (!role)
      throw new RuleBroken('invalid-input', { errors: [{ field: 'role', message: 'must be an existing role' }] });
    effectivePermissions.mustGrant(role);
    if (!canBeGivenAt(role, scope)) throw new RuleBroken('role-not-for-scope');
    return role;
  }
}

/**
 * Whether a role can be given in a scope: its kind fits, and a custom role was defined there or above. Source:
 * docs/domain.md §3.4
 */
export function canBeGivenAt(role: Role, scope: Scope): boolean {
  const { definedAt } = role;
  return (
    role.scopes.includes(scope.kind) &&
    (definedAt === undefined || scope.coveredBy.some(({ id }) => id === definedAt.id))
  );
}
