import { Injectable } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/read-set.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { EffectivePermissions } from './effective-permissions.js';
import { Enrolments } from './memberships/enrolments.js';
import { GroupPlaces } from './memberships/group-places.js';
import { RoleAssignments } from './roles/role-assignments.js';
import type { Permission } from './permissions.js';
import { PLATFORM, type ScopeRef } from '../../shared/event-sourcing/scope-ref.js';
import { Scopes, type Scope } from './scopes.js';

export interface AuthorizationResult {
  scope: Scope;
  effectivePermissions: EffectivePermissions;
  /** Where it was decided from. Whatever else the decision goes by is read there too. */
  reads: StreamSource;
}

/**
 * The one gate. Decides on membership streams and roles as stored: somebody removed a moment ago can do nothing,
 * somebody accepted a moment ago can act. A command hands in its read set and appends on it, so that the same holds while the
 * command is under way; a query reads the store. Source: docs/domain.md §5.1
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

  /** To read a list or write under a scope. @throws RuleBroken `not-found` for who may not see the scope, `forbidden` for who may see it and not do this */
  async requireRead(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref, reads);
    if (!authorized.effectivePermissions.can(permission)) await this.refuse(personId, authorized);
    return authorized;
  }

  /** To write: as `toRead`, and the scope isn't archived. @throws RuleBroken also `scope-archived` */
  async requireWrite(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    return mustBeOpen(await this.requireRead(personId, permission, ref, reads));
  }

  /** To look at what a write would come to, where nothing is stored: as `toWrite`. @throws RuleBroken also `scope-archived` */
  async requirePreview(personId: string, permission: Permission, ref: ScopeRef): Promise<AuthorizationResult> {
    return mustBeOpen(await this.requireRead(personId, permission, ref));
  }

  /** To see one thing of a scope, which any of the permissions shows. An id is no question about somebody. @throws RuleBroken `not-found` for everybody else */
  async requireVisible(
    personId: string,
    anyOf: readonly Permission[],
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref, reads);
    if (!anyOf.some((permission) => authorized.effectivePermissions.can(permission))) throw new RuleBroken('not-found');
    return authorized;
  }

  /** To change one thing of a scope, for who may see it. @throws RuleBroken `forbidden`, `scope-archived` */
  async requireChange(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref, reads);
    if (!authorized.effectivePermissions.can(permission)) throw new RuleBroken('forbidden');
    return mustBeOpen(authorized);
  }

  /** For what any role may see that holds in the scope, or below an organisation. @throws RuleBroken `not-found`, `forbidden` */
  async requireInsider(
    personId: string,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref, reads);
    if (!(await this.holdsRole(personId, authorized))) await this.refuse(personId, authorized);
    return authorized;
  }

  /** To see a custom role that is defined in a scope: who has a role where it can be given. @throws RuleBroken `not-found` */
  async requireRoleVisible(personId: string, definedAt: ScopeRef): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, definedAt);
    if (!(await this.holdsRole(personId, authorized))) throw new RuleBroken('not-found');
    return authorized;
  }

  /** To see a scope itself. @throws RuleBroken `not-found`; `offboarded` in a deployment for its former patients */
  async requireEntry(personId: string, ref: ScopeRef): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref);
    if (!(await this.sees(personId, authorized))) throw new RuleBroken('not-found');
    return authorized;
  }

  /** To restore what was archived: super-admins alone. @throws RuleBroken `not-found`, `forbidden` */
  async requireSuperAdmin(
    personId: string,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<AuthorizationResult> {
    const authorized = await this.evaluate(personId, ref, reads);
    if (!authorized.effectivePermissions.roles.some(({ role }) => role.id === 'super-admin'))
      await this.refuse(personId, authorized);
    return authorized;
  }

  /** What somebody may do in a scope; nothing at all is an authority too. @throws RuleBroken `not-found` when there is no such scope */
  async evaluate(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<AuthorizationResult> {
    // What is looked at in any case is read together with the scope: most requests need nothing else.
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

  /** Whether somebody holds any role in an organisation or below it. What lags may not know yet of one given a moment ago. */
  async holdsRoleWithin(personId: string, organisationId: string, reads: StreamSource = this.store): Promise<boolean> {
    return this.roleAssignments.anyWithin(personId, organisationId, reads);
  }

  private async refuse(personId: string, authorized: AuthorizationResult): Promise<never> {
    throw new RuleBroken((await this.sees(personId, authorized)) ? 'forbidden' : 'not-found');
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

  /** Whether somebody may see a scope. The platform is there for everybody. Source: docs/domain.md §5.2 */
  private async sees(personId: string, authorized: AuthorizationResult): Promise<boolean> {
    const { scope, reads } = authorized;
    if (scope.kind === 'platform' || (await this.holdsRole(personId, authorized))) return true;
    if (scope.kind === 'deployment') return this.isPatient(personId, authorized);
    return (
      scope.kind === 'organisation' &&
      ((await this.groupPlaces.anyWithin(personId, scope.id, reads)) ||
        (await this.enrolments.anyWithin(personId, scope.id, reads)))
    );
  }

  /** Whether the person is enrolled there. @throws RuleBroken `offboarded` for who was: no route of that deployment is open to them */
  private async isPatient(personId: string, { scope, reads }: AuthorizationResult): Promise<boolean> {
    const status = await this.enrolments.statusIn(personId, scope.id, reads);
    if (status === 'offboarded') throw new RuleBroken('offboarded');
    return status === 'active';
  }
}

function mustBeOpen(authorized: AuthorizationResult): AuthorizationResult {
  if (authorized.scope.archived) throw new RuleBroken('scope-archived');
  return authorized;
}
