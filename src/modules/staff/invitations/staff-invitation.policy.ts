import { Injectable } from '@nestjs/common';
import { Authorization, OwnerGuard, Roles, type Scope, showsOwner } from '../../access/access.contract.js';
import {
  type GrantDescription,
  InvitationAccess,
  type InvitationPolicy,
  type InvitationRow,
  type InvitationSeers,
  membershipStream,
  type PlacedGrant,
  type SeenPlace,
} from '../../invitations/invitations.contract.js';
import type { Grant } from '../../invitations/invitations.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { staffInvitationMail, staffReminderMail } from './staff-invitation.mail.js';
import { roleOf } from '../members/staff-member.js';
import { STAFF_MEMBERS, staffMemberFrom } from '../members/staff-role-assignments.js';

/** Source: docs/domain.md §6.2 */
export const STAFF_WINDOWS = ['24h', '72h', '7d'] as const;

/** Source: docs/domain.md §5.2 */
const SEERS: InvitationSeers = { seenBy: ['staff.view', 'staff.manage'], identifiedBy: 'staff.view', byInvitee: false };

/** The policy of staff invitations: callers, windows, grants. All types of invitation share the lifecycle. */
@Injectable()
export class StaffInvitationPolicy implements InvitationPolicy {
  readonly kind = 'staff';
  readonly windows = STAFF_WINDOWS;
  readonly defaultWindow = '7d';
  readonly mailTemplate = staffInvitationMail;
  readonly reminderTemplate = staffReminderMail;

  constructor(
    private readonly authorization: Authorization,
    private readonly invitationAccess: InvitationAccess,
    private readonly roles: Roles,
    private readonly ownerGuard: OwnerGuard,
  ) {}

  async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    const roles = await this.roles.describe(
      grants.map(({ grant, organisationId }) => ({ role: roleOf(grant), organisationId })),
    );
    return roles.map(({ id, name }) => ({ role: id, roleName: name }));
  }

  isMember(history: readonly StoredEvent[]): boolean {
    return staffMemberFrom(history).status === 'active';
  }

  async seeing(personId: string, row: InvitationRow, ref: ScopeRef, reads: StreamSource): Promise<SeenPlace | null> {
    return this.invitationAccess.seeing(personId, row, ref, SEERS, reads);
  }

  async assertMayInvite(
    personId: string,
    grant: Grant,
    ref: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope> {
    const authorization = await this.authorization.requireChange(personId, 'staff.manage', ref, reads);
    const role = await this.roles.mustBeTakeable(roleOf(grant), authorization);
    // An invitation to a deleted role can be revoked, not resent.
    if (to === 'resend' && role.scopes.length === 0) throw new RuleBroken('role-not-grantable');
    return authorization.scope;
  }

  async assertInviterStillAuthorised(issuedBy: string, grant: Grant, scope: Scope, reads: StreamSource): Promise<void> {
    if (issuedBy === SYSTEM) return;
    const role = await this.roles.find({ role: roleOf(grant), organisationId: scope.organisation?.id ?? null }, reads);
    const { effectivePermissions } = await this.authorization.evaluate(issuedBy, scope, reads);
    if (!role || !effectivePermissions.can('staff.manage') || !effectivePermissions.mayGrant(role))
      throw new RuleBroken('inviter-lost-authority');
  }

  async afterAccepted(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void> {
    const owner = { personId, stream: membershipStream('staff', scope, personId), scope, organisationId };
    await this.ownerGuard.register(owner, personId, (history) => showsOwner(STAFF_MEMBERS, history, scope));
  }
}
