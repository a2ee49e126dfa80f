import { Injectable } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { EffectivePermissions } from './effective-permissions.js';
import { Enrolments } from './memberships/enrolments.js';
import { GroupPlaces } from './memberships/group-places.js';
import { Guests } from './memberships/guests.js';
import { RoleAssignments } from './roles/role-assignments.js';
import { allows, type Permission } from './permissions.js';
import { PLATFORM, type ScopeRef } from './scope-ref.js';
import { Scopes, type Scope } from './scopes/scopes.js';

export interface AuthorizationResult {
  scope: Scope;
  effectivePermissions: EffectivePermissions;
  /** The source that the authorisation read. The decision that follows must read through it too. */
  reads: StreamSource;
}

/**
 * The one place that authorises callers. It reads membership streams and roles as stored, so an acceptance or a removal
 * acts on the next call. A command passes its read set and appends on it, so that the authorisation still holds at the
 * append. A query reads the store. Source: docs/domain.md §5.1
 */
@Injectable()
export class Authorization {
  constructor(
    private readonly scopes: Scopes,
    private readonly roleAssignments: RoleAssignments,
    private readonly enrolments: Enrolments,
    private readonly groupPlaces: GroupPlaces,
    private readonly guests: Guests,
    private readonly store: EventStore,
  ) {}

  /**
   * Admits callers with the permission, to read a list or to write under a scope.
   * @throws RuleBroken `not-found` for callers who may not see the scope, `forbidden` for others without the permission
   */
  async requireRead(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref, reads);
    if (!authorization.effectivePermissions.can(permission)) await this.refuse(personId, authorization);
    return authorization;
  }

  /**
   * Admits callers with the permission in an organisation or in one of its deployments, to read one list of all of
   * them. Returns the ids of the scopes in which they have it. May miss a role given a moment ago, and a new deployment.
   * @throws RuleBroken as `requireRead`
   */
  async requireReadWithin(
    personId: string,
    permission: Permission,
    organisationId: string,
  ): Promise<{ scope: Scope; scopeIds: readonly string[] }> {
    const authorization = await this.evaluate(personId, { kind: 'organisation', id: organisationId });
    const { scope, effectivePermissions } = authorization;
    if (effectivePermissions.can(permission))
      return { scope, scopeIds: [organisationId, ...(await this.scopes.below(organisationId))] };
    const held = await this.roleAssignments.within(personId, organisationId);
    const scopeIds = held.filter(({ role }) => allows(role.permissions, permission)).map(({ scope: at }) => at.id);
    if (scopeIds.length === 0) await this.refuse(personId, authorization);
    return { scope, scopeIds };
  }

  /** As `requireRead`, for writes: refuses an archived scope. @throws RuleBroken also `scope-archived` */
  async requireWrite(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    return mustBeOpen(await this.requireRead(personId, permission, ref, reads));
  }

  /** As `requireWrite`, for a preview of a write, which stores nothing. @throws RuleBroken also `scope-archived` */
  async requirePreview(personId: string, permission: Permission, ref: ScopeRef): Promise<AuthorizationResult> {
    return mustBeOpen(await this.requireRead(personId, permission, ref));
  }

  /**
   * Admits callers to one thing of a scope, if they have any of the permissions. Others get `not-found`, so that an id
   * reveals nothing.
   * @throws RuleBroken `not-found`
   */
  async requireVisible(
    personId: string,
    anyOf: readonly Permission[],
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref, reads);
    if (!anyOf.some((permission) => authorization.effectivePermissions.can(permission)))
      throw new RuleBroken('not-found');
    return authorization;
  }

  /**
   * Admits callers with the permission to change one thing that they may see.
   * @throws RuleBroken `forbidden`, `scope-archived`
   */
  async requireChange(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref, reads);
    if (!authorization.effectivePermissions.can(permission)) throw new RuleBroken('forbidden');
    return mustBeOpen(authorization);
  }

  /**
   * Admits holders of any role in the scope, and for an organisation also below it.
   * @throws RuleBroken `not-found`, `forbidden`
   */
  async requireInsider(
    personId: string,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref, reads);
    if (!(await this.holdsRole(personId, authorization))) await this.refuse(personId, authorization);
    return authorization;
  }

  /**
   * Admits callers to a custom role defined in a scope, if they hold any role where it can be given.
   * @throws RuleBroken `not-found`
   */
  async requireRoleVisible(personId: string, definedAt: ScopeRef): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, definedAt);
    if (!(await this.holdsRole(personId, authorization))) throw new RuleBroken('not-found');
    return authorization;
  }

  /**
   * Admits callers who may see the scope itself.
   * @throws RuleBroken `not-found`; `offboarded` in a deployment for its former patients
   */
  async requireEntry(personId: string, ref: ScopeRef): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref);
    if (!(await this.sees(personId, authorization))) throw new RuleBroken('not-found');
    const { scope, effectivePermissions, reads } = authorization;
    if (effectivePermissions.roles.length > 0) return authorization;
    const asGuest = await this.guests.permissionsIn(personId, scope, reads);
    return { ...authorization, effectivePermissions: new EffectivePermissions([], asGuest) };
  }

  /** Admits every caller, unless the scope is archived. @throws RuleBroken `not-found`, `scope-archived` */
  async requireOpen(personId: string, ref: ScopeRef, reads: ReadSet): Promise<AuthorizationResult> {
    return mustBeOpen(await this.evaluate(personId, ref, reads));
  }

  /** Admits only super-admins, to restore an archived scope. @throws RuleBroken `not-found`, `forbidden` */
  async requireSuperAdmin(
    personId: string,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref, reads);
    if (!authorization.effectivePermissions.roles.some(({ role }) => role.id === 'super-admin'))
      await this.refuse(personId, authorization);
    return authorization;
  }

  /** The person's permissions in a scope, possibly none. @throws RuleBroken `not-found` for an unknown scope */
  async evaluate(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<AuthorizationResult> {
    // Reads these roles together with the scope, because most requests need no others.
    const atOnce = ref.kind === 'platform' ? [PLATFORM] : [ref, PLATFORM];
    const [scope, here] = await Promise.all([
      this.scopes.load(ref, reads),
      this.roleAssignments.in(personId, atOnce, reads),
    ]);
    if (!scope) throw new RuleBroken('not-found');
    const between = scope.coveredBy.filter(({ id }) => atOnce.every((known) => known.id !== id));
    const covering = here.filter((held) => scope.coveredBy.some(({ id }) => id === held.scope.id));
    const roles =
      between.length === 0 ? covering : [...covering, ...(await this.roleAssignments.in(personId, between, reads))];
    return { scope, effectivePermissions: new EffectivePermissions(roles), reads };
  }

  /** Whether the person holds any role in an organisation or below it. May miss a role given a moment ago. */
  async holdsRoleWithin(personId: string, organisationId: string, reads: StreamSource = this.store): Promise<boolean> {
    return this.roleAssignments.anyWithin(personId, organisationId, reads);
  }

  private async refuse(personId: string, authorization: AuthorizationResult): Promise<never> {
    throw new RuleBroken((await this.sees(personId, authorization)) ? 'forbidden' : 'not-found');
  }

  private async holdsRole(
    personId: string,
    { scope, effectivePermissions, reads }: AuthorizationResult,
  ): Promise<boolean> {
    return (
      effectivePermissions.roles.length > 0 ||
      (scope.kind === 'organisation' && (await this.roleAssignments.anyWithin(personId, scope.id, reads)))
    );
  }

  /** Whether the person may see a scope. Everybody may see the platform. Source: docs/domain.md §5.2 */
  private async sees(personId: string, authorization: AuthorizationResult): Promise<boolean> {
    const { scope, reads } = authorization;
    if (scope.kind === 'platform' || (await this.holdsRole(personId, authorization))) return true;
    if (scope.kind === 'deployment')
      return (
        (await this.guests.permissionsIn(personId, scope, reads)).includes('deployment.view') ||
        this.isPatient(personId, authorization)
      );
    return (
      scope.kind === 'organisation' &&
      ((await this.groupPlaces.anyWithin(personId, scope.id, reads)) ||
        (await this.enrolments.anyWithin(personId, scope.id, reads)))
    );
  }

  /**
   * Whether the person is enrolled there.
   * @throws RuleBroken `offboarded` for a former patient, because no route of that deployment is open to them
   */
  private async isPatient(personId: string, { scope, reads }: AuthorizationResult): Promise<boolean> {
    const status = await this.enrolments.statusIn(personId, scope.id, reads);
    if (status === 'offboarded') throw new RuleBroken('offboarded');
    return status === 'active';
  }
}

function mustBeOpen(authorization: AuthorizationResult): AuthorizationResult {
  if (authorization.scope.archived) throw new RuleBroken('scope-archived');
  return authorization;
}
