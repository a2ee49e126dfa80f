import { Injectable } from '@nestjs/common';
import { Access, type Admission } from '../../shared/access/access.js';
import { builtInRole, OWNER_ROLES, type Role } from '../../shared/access/built-in-roles.js';
import { OwnerGuard } from '../../shared/access/owner-guard.js';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import type { Scope } from '../../shared/access/scopes.js';
import type { StoredEvent } from '../../shared/event-store/event-store.js';
import type { InvitationContext } from '../../shared/invitations/invitation-context.js';
import type { Grant } from '../../shared/invitations/invitation.events.js';
import { membershipStream } from '../../shared/invitations/membership-stream.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { staffInvitationMail } from './staff-invitation.mail.js';
import { roleOf } from './staff-member.js';
import { staffMemberFrom } from './staff-roles.js';

/** Source: DOMAIN §3 */
export const STAFF_WINDOWS = ['24h', '72h', '7d'] as const;

/** The system itself issues one invitation: the first super-admin's. */
const SYSTEM = 'system';

/** What inviting staff means: who may, which windows, what is given. The lifecycle is shared. */
@Injectable()
export class StaffInvitation implements InvitationContext {
  readonly kind = 'staff';
  readonly windows = STAFF_WINDOWS;
  readonly defaultWindow = '7d';
  readonly mailTemplate = staffInvitationMail;

  constructor(
    private readonly access: Access,
    private readonly ownerGuard: OwnerGuard,
  ) {}

  async describe(grant: Grant): Promise<{ role: string; roleName: string }> {
    const id = roleOf(grant);
    return Promise.resolve({ role: id, roleName: builtInRole(id)?.name ?? id });
  }

  isMember(history: readonly StoredEvent[]): boolean {
    return staffMemberFrom(history).status === 'active';
  }

  async mustBeAllowed(personId: string, grant: Grant, ref: ScopeRef, to: 'read' | 'write'): Promise<Scope> {
    if (to === 'read') return (await this.access.toRead(personId, 'staff.view', ref)).scope;
    const { scope, authority } = await this.access.toWrite(personId, 'staff.manage', ref);
    authority.mustGrant(mustBeRole(grant));
    return scope;
  }

  async issuerMustHold(issuedBy: string, grant: Grant, scope: Scope): Promise<void> {
    if (issuedBy === SYSTEM) return;
    const { authority } = await this.access.admit(issuedBy, scope);
    if (!authority.can('staff.manage') || !authority.mayGrant(mustBeRole(grant))) throw new RuleBroken('inviter-lost-authority');
  }

  async afterAccepted(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void> {
    const owner = { personId, stream: membershipStream('staff', scope, personId), scope, organisationId };
    await this.ownerGuard.register(owner, personId, (history) => isOwner(staffMemberFrom(history), scope));
  }
}

/** Whether the member holds the role that a scope can't be left without. */
export function isOwner(member: { status: string; role?: string }, scope: ScopeRef): boolean {
  return member.status === 'active' && member.role !== undefined && member.role === OWNER_ROLES[scope.kind];
}

/** The role of this id, allowed by this authority and in this scope. @throws RuleBroken `invalid-input` for no role, `role-not-grantable`, `role-not-for-scope`, in this order */
export function mustBeGrantable(roleId: string, { scope, authority }: Admission): Role {
  const role = mustBeRole({ role: roleId });
  authority.mustGrant(role);
  if (!role.scopes.includes(scope.kind)) throw new RuleBroken('role-not-for-scope');
  return role;
}

function mustBeRole(grant: Grant): Role {
  const role = builtInRole(roleOf(grant));
  if (!role) throw new RuleBroken('invalid-input', { errors: [{ field: 'role', message: 'is no role that there is' }] });
  return role;
}
