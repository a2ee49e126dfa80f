import { Injectable } from '@nestjs/common';
import { EventStore } from '../event-store/event-store.js';
import type { ReadSet, StreamSource } from '../event-store/read-set.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { Authority } from './authority.js';
import { Enrolments } from './enrolments.js';
import { HeldRoles } from './held-roles.js';
import type { Permission } from './permissions.js';
import { PLATFORM, type ScopeRef } from './scope-ref.js';
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
 * command is under way; a query reads the store. Source: DOMAIN §2
 */
@Injectable()
export class Access {
  constructor(
    private readonly scopes: Scopes,
    private readonly heldRoles: HeldRoles,
    private readonly enrolments: Enrolments,
    private readonly store: EventStore,
  ) {}

  /** To read. @throws RuleBroken `not-found` for whoever has no role in the organisation, `forbidden` for one that isn't enough */
  async toRead(personId: string, permission: Permission, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
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

  /** For what any role in the organisation may see. @throws RuleBroken `not-found` */
  async asMember(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (admission.authority.roles.length === 0) await this.mustBelong(personId, admission);
    return admission;
  }

  /** For what any role that holds in the scope may see; an organisation shows itself to whoever has a role below it. @throws RuleBroken `not-found`, `forbidden` */
  async asInsider(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    const admission = await this.asMember(personId, ref, reads);
    if (ref.kind !== 'organisation' && admission.authority.roles.length === 0) throw new RuleBroken('forbidden');
    return admission;
  }

  /** For what any role that holds in a deployment may see, and the patients enrolled there. @throws RuleBroken `not-found`, `forbidden`, `offboarded` */
  async toEnter(personId: string, deploymentId: string): Promise<Admission> {
    const admission = await this.admit(personId, { kind: 'deployment', id: deploymentId });
    if (admission.authority.roles.length > 0 || (await this.isPatient(personId, admission))) return admission;
    return this.refuse(personId, admission);
  }

  /** To restore what was archived: super-admins alone. @throws RuleBroken `not-found`, `forbidden` */
  async mustBeSuperAdmin(personId: string, ref: ScopeRef, reads: StreamSource = this.store): Promise<Admission> {
    const admission = await this.admit(personId, ref, reads);
    if (!admission.authority.roles.some(({ role }) => role.id === 'super-admin')) await this.refuse(personId, admission);
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
    const roles = between.length === 0 ? covering : [...covering, ...(await this.heldRoles.in(personId, between, reads))];
    return { scope, authority: new Authority(roles), reads };
  }

  private async refuse(personId: string, admission: Admission): Promise<never> {
    if (admission.authority.roles.length === 0) await this.mustBelong(personId, admission);
    throw new RuleBroken('forbidden');
  }

  private async mustBelong(personId: string, admission: Admission): Promise<void> {
    if (await this.isPatient(personId, admission)) return;
    const { organisation } = admission.scope;
    const belongs = organisation === null || (await this.heldRoles.anyWithin(personId, organisation.id, admission.reads));
    if (!belongs) throw new RuleBroken('not-found');
  }

  /** Whether the person is enrolled there. @throws RuleBroken `offboarded` for who was: no route of that deployment is open to them */
  private async isPatient(personId: string, { scope, reads }: Admission): Promise<boolean> {
    if (scope.kind !== 'deployment') return false;
    const status = await this.enrolments.statusIn(personId, scope.id, reads);
    if (status === 'offboarded') throw new RuleBroken('offboarded');
    return status === 'active';
  }
}

function mustBeOpen(admission: Admission): Admission {
  if (admission.scope.archived) throw new RuleBroken('scope-archived');
  return admission;
}
