import { Injectable } from '@nestjs/common';
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
}

/**
 * The one gate. Decides on membership streams and roles as stored: somebody removed a moment ago can do nothing,
 * somebody accepted a moment ago can act. Source: DOMAIN §2
 */
@Injectable()
export class Access {
  constructor(
    private readonly scopes: Scopes,
    private readonly heldRoles: HeldRoles,
    private readonly enrolments: Enrolments,
  ) {}

  /** To read. @throws RuleBroken `not-found` for whoever has no role in the organisation, `forbidden` for one that isn't enough */
  async toRead(personId: string, permission: Permission, ref: ScopeRef): Promise<Admission> {
    const admission = await this.admit(personId, ref);
    if (!admission.authority.can(permission)) await this.refuse(personId, admission);
    return admission;
  }

  /** To write: as `toRead`, and the scope isn't archived. @throws RuleBroken also `scope-archived` */
  async toWrite(personId: string, permission: Permission, ref: ScopeRef): Promise<Admission> {
    const admission = await this.toRead(personId, permission, ref);
    if (admission.scope.archived) throw new RuleBroken('scope-archived');
    return admission;
  }

  /** For what any role in the organisation may see. @throws RuleBroken `not-found` */
  async asMember(personId: string, ref: ScopeRef): Promise<Admission> {
    const admission = await this.admit(personId, ref);
    if (admission.authority.roles.length === 0) await this.mustBelong(personId, admission.scope);
    return admission;
  }

  /** For what any role that holds in the scope may see; an organisation shows itself to whoever has a role below it. @throws RuleBroken `not-found`, `forbidden` */
  async asInsider(personId: string, ref: ScopeRef): Promise<Admission> {
    const admission = await this.asMember(personId, ref);
    if (ref.kind !== 'organisation' && admission.authority.roles.length === 0) throw new RuleBroken('forbidden');
    return admission;
  }

  /** For what any role that holds in a deployment may see, and the patients enrolled there. @throws RuleBroken `not-found`, `forbidden`, `offboarded` */
  async toEnter(personId: string, deploymentId: string): Promise<Admission> {
    const admission = await this.admit(personId, { kind: 'deployment', id: deploymentId });
    if (admission.authority.roles.length > 0 || (await this.isPatient(personId, admission.scope))) return admission;
    return this.refuse(personId, admission);
  }

  /** To restore what was archived: super-admins alone. @throws RuleBroken `not-found`, `forbidden` */
  async mustBeSuperAdmin(personId: string, ref: ScopeRef): Promise<Admission> {
    const admission = await this.admit(personId, ref);
    if (!admission.authority.roles.some(({ role }) => role.id === 'super-admin')) await this.refuse(personId, admission);
    return admission;
  }

  /** What somebody may do in a scope; nothing at all is an authority too. @throws RuleBroken `not-found` when there is no such scope */
  async admit(personId: string, ref: ScopeRef): Promise<Admission> {
    // What is looked at in any case is read together with the scope: most requests need nothing else.
    const atOnce = ref.kind === 'platform' ? [PLATFORM] : [ref, PLATFORM];
    const [scope, here] = await Promise.all([this.scopes.load(ref), this.heldRoles.in(personId, atOnce)]);
    if (!scope) throw new RuleBroken('not-found');
    const between = scope.coveredBy.filter(({ id }) => atOnce.every((known) => known.id !== id));
    const covering = here.filter((held) => scope.coveredBy.some(({ id }) => id === held.scope.id));
    const roles = between.length === 0 ? covering : [...covering, ...(await this.heldRoles.in(personId, between))];
    return { scope, authority: new Authority(roles) };
  }

  private async refuse(personId: string, { scope, authority }: Admission): Promise<never> {
    if (authority.roles.length === 0) await this.mustBelong(personId, scope);
    throw new RuleBroken('forbidden');
  }

  private async mustBelong(personId: string, scope: Scope): Promise<void> {
    if (await this.isPatient(personId, scope)) return;
    const belongs = scope.organisation === null || (await this.heldRoles.anyWithin(personId, scope.organisation.id));
    if (!belongs) throw new RuleBroken('not-found');
  }

  /** Whether the person is enrolled there. @throws RuleBroken `offboarded` for who was: no route of that deployment is open to them */
  private async isPatient(personId: string, scope: Scope): Promise<boolean> {
    if (scope.kind !== 'deployment') return false;
    const status = await this.enrolments.statusIn(personId, scope.id);
    if (status === 'offboarded') throw new RuleBroken('offboarded');
    return status === 'active';
  }
}
