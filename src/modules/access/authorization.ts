import { Injectable } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { EffectivePermissions } from './effective-permissions.js';
import { Enrolments } from './memberships/enrolments.js';
import { GroupPlaces } from './memberships/group-places.js';
import { RoleAssignments } from './roles/role-assignments.js';
import type { Permission } from './permissions.js';
import { PLATFORM, type ScopeRef } from './scope-ref.js';
import { Scopes, type Scope } from './scopes.js';

export interface AuthorizationResult {
  scope: Scope;
  effectivePermissions: EffectivePermissions;
  /** Where the authorisation was read from. The decision that follows must read everything else there too. */
  reads: StreamSource;
}

/**
 * The one place that authorises callers. It decides on membership streams and roles as stored: a removed person can do
 * nothing, an accepted person can act at once. A command passes its read set and appends on it, so that the
 * authorisation still holds at the append. A query reads the store. Source: docs/domain.md §5.1
 */
@Injectable()
export class Authorization {
  constructor(
    private readonly scopes: Scopes,
    private readonly roleAssignments: RoleAssignments,
    private readonly enrolments: Enrolments,
    private readonly groupPlaces: GroupPlaces,
    private readonly store: EventStore,
  ) {}

  /**
   * For callers with the permission: reads a list, or writes under a scope.
   * @throws RuleBroken `not-found` for callers who may not see the scope, `forbidden` for those who see it and lack the
   * permission
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

  /** As `requireRead`, for writes: an archived scope is refused. @throws RuleBroken also `scope-archived` */
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
   * For one thing of a scope, which any of the permissions shows. Others get `not-found`, so that an id reveals
   * nothing.
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

  /** Changes one thing of a scope that the caller may see. @throws RuleBroken `forbidden`, `scope-archived` */
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
   * For what every role shows that holds in the scope, or below an organisation.
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
   * For a custom role that is defined in a scope: callers with a role where it can be given see it.
   * @throws RuleBroken `not-found`
   */
  async requireRoleVisible(personId: string, definedAt: ScopeRef): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, definedAt);
    if (!(await this.holdsRole(personId, authorization))) throw new RuleBroken('not-found');
    return authorization;
  }

  /**
   * For callers who may see the scope itself.
   * @throws RuleBroken `not-found`; `offboarded` in a deployment for its former patients
   */
  async requireEntry(personId: string, ref: ScopeRef): Promise<AuthorizationResult> {
    const authorization = await this.evaluate(personId, ref);
    if (!(await this.sees(personId, authorization))) throw new RuleBroken('not-found');
    return authorization;
  }

  /** For restoring an archived scope: super-admins alone. @throws RuleBroken `not-found`, `forbidden` */
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

  /** The person's permissions in a scope, possibly none. @throws RuleBroken `not-found` when there is no such scope */
  async evaluate(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<AuthorizationResult> {
    // These roles are read together with the scope, because most requests need nothing else.
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

  /** Whether the person holds any role in an organisation or below it. A role given a moment ago may be missed. */
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
    if (scope.kind === 'deployment') return this.isPatient(personId, authorization);
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
