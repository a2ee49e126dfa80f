import { Injectable } from '@nestjs/common';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/read-set.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { Authority } from './effective-permissions.js';
import { Enrolments } from './memberships/enrolments.js';
import { GroupPlaces } from './memberships/group-places.js';
import { HeldRoles } from './roles/role-assignments.js';
import type { Permission } from './permissions.js';
import { PLATFORM, type ScopeRef } from '../../shared/event-sourcing/scope-ref.js';
import { Scopes, type Scope } from './scopes.js';

export interface Admission {
  scope: Scope;
  authority: Authority;
  /** Where it was decided from. Whatever else the decision goes by is read there too. */
  reads: StreamSource;
}

/**
 * The one gate. Decides on membership streams and roles as stored: somebody removed a moment ago can do nothing,
 * somebody accepted a moment ago can act. A command hands in its read set and appends on it, so that the same holds while the
 * command is under way; a query reads the store. Source: docs/domain.md §5.1
 */
@Injectable()
export class Access {
  constructor(
    private readonly scopes: Scopes,
    private readonly heldRoles: HeldRoles,
    private readonly enrolments: Enrolments,
    private readonly groupPlaces: GroupPlaces,
    private readonly store: EventStore,
  ) {}

  /** To read a list or write under a scope. @throws RuleBroken `not-found` for who may not see the scope, `forbidden` for who may see it and not do this */
  async toRead(
    personId: string,
    permission: Permission,
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!admission.authority.can(permission)) await this.refuse(personId, admission);
    return admission;
  }

  /** To write: as `toRead`, and the scope isn't archived. @throws RuleBroken also `scope-archived` */
  async toWrite(personId: string, permission: Permission, ref: ScopeRef, reads: ReadSet): Promise<Admission> {
    return mustBeOpen(await this.toRead(personId, permission, ref, reads));
  }

  /** To look at what a write would come to, where nothing is stored: as `toWrite`. @throws RuleBroken also `scope-archived` */
  async toReview(personId: string, permission: Permission, ref: ScopeRef): Promise<Admission> {
    return mustBeOpen(await this.toRead(personId, permission, ref));
  }

  /** To see one thing of a scope, which any of the permissions shows. An id is no question about somebody. @throws RuleBroken `not-found` for everybody else */
  async toSee(
    personId: string,
    anyOf: readonly Permission[],
    ref: ScopeRef,
    reads: StreamSource = this.store,
  ): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!anyOf.some((permission) => admission.authority.can(permission))) throw new RuleBroken('not-found');
    return admission;
  }

  /** To change one thing of a scope, for who may see it. @throws RuleBroken `forbidden`, `scope-archived` */
  async toChange(personId: string, permission: Permission, ref: ScopeRef, reads: ReadSet): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!admission.authority.can(permission)) throw new RuleBroken('forbidden');
    return mustBeOpen(admission);
  }

  /** For what any role may see that holds in the scope, or below an organisation. @throws RuleBroken `not-found`, `forbidden` */
  async asInsider(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!(await this.holdsRole(personId, admission))) await this.refuse(personId, admission);
    return admission;
  }

  /** To see a custom role that is defined in a scope: who has a role where it can be given. @throws RuleBroken `not-found` */
  async toSeeRole(personId: string, definedAt: ScopeRef): Promise<Admission> {
    const admission = await this.admit(personId, definedAt);
    if (!(await this.holdsRole(personId, admission))) throw new RuleBroken('not-found');
    return admission;
  }

  /** To see a scope itself. @throws RuleBroken `not-found`; `offboarded` in a deployment for its former patients */
  async toEnter(personId: string, ref: ScopeRef): Promise<Admission> {
    const admission = await this.admit(personId, ref);
    if (!(await this.sees(personId, admission))) throw new RuleBroken('not-found');
    return admission;
  }

  /** To restore what was archived: super-admins alone. @throws RuleBroken `not-found`, `forbidden` */
  async mustBeSuperAdmin(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!admission.authority.roles.some(({ role }) => role.id === 'super-admin'))
      await this.refuse(personId, admission);
    return admission;
  }

  /** What somebody may do in a scope; nothing at all is an authority too. @throws RuleBroken `not-found` when there is no such scope */
  async admit(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    // What is looked at in any case is read together with the scope: most requests need nothing else.
    const atOnce = ref.kind === 'platform' ? [PLATFORM] : [ref, PLATFORM];
    const [scope, here] = await Promise.all([this.scopes.load(ref, reads), this.heldRoles.in(personId, atOnce, reads)]);
    if (!scope) throw new RuleBroken('not-found');
    const between = scope.coveredBy.filter(({ id }) => atOnce.every((known) => known.id !== id));
    const covering = here.filter((held) => scope.coveredBy.some(({ id }) => id === held.scope.id));
    const roles =
      between.length === 0 ? covering : [...covering, ...(await this.heldRoles.in(personId, between, reads))];
    return { scope, authority: new Authority(roles), reads };
  }

  /** Whether somebody holds any role in an organisation or below it. What lags may not know yet of one given a moment ago. */
  async holdsRoleWithin(personId: string, organisationId: string, reads: StreamSource = this.store): Promise<boolean> {
    return this.heldRoles.anyWithin(personId, organisationId, reads);
  }

  private async refuse(personId: string, admission: Admission): Promise<never> {
    throw new RuleBroken((await this.sees(personId, admission)) ? 'forbidden' : 'not-found');
  }

  private async holdsRole(personId: string, { scope, authority, reads }: Admission): Promise<boolean> {
    return (
      authority.roles.length > 0 ||
      (scope.kind === 'organisation' && (await this.heldRoles.anyWithin(personId, scope.id, reads)))
    );
  }

  /** Whether somebody may see a scope. The platform is there for everybody. Source: docs/domain.md §5.2 */
  private async sees(personId: string, admission: Admission): Promise<boolean> {
    const { scope, reads } = admission;
    if (scope.kind === 'platform' || (await this.holdsRole(personId, admission))) return true;
    if (scope.kind === 'deployment') return this.isPatient(personId, admission);
    return (
      scope.kind === 'organisation' &&
      ((await this.groupPlaces.anyWithin(personId, scope.id, reads)) ||
        (await this.enrolments.anyWithin(personId, scope.id, reads)))
    );
  }

  /** Whether the person is enrolled there. @throws RuleBroken `offboarded` for who was: no route of that deployment is open to them */
  private async isPatient(personId: string, { scope, reads }: Admission): Promise<boolean> {
    const status = await this.enrolments.statusIn(personId, scope.id, reads);
    if (status === 'offboarded') throw new RuleBroken('offboarded');
    return status === 'active';
  }
}

function mustBeOpen(admission: Admission): Admission {
  if (admission.scope.archived) throw new RuleBroken('scope-archived');
  return admission;
}
