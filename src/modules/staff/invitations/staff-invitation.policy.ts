import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { type AuthorizationResult, type LoadedMember, Roles, type Scope } from '../../access/access.contract.js';
import type { Permission, ScopeRef } from '../../access/access.domain.contract.js';
import {
  type GrantDescription,
  type InvitationChangeDto,
  type MembershipEnd,
  PermissionPolicy,
  type PlacedGrant,
} from '../../invitations/invitations.contract.js';
import type { Grant } from '../../invitations/invitations.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { lines } from '../../../shared/database/lists.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { StaffListDto } from '../members/staff.dto.js';
import type { StaffRow } from '../members/staff-list.projection.js';
import { type ActiveStaffMember, roleOf } from '../members/staff-member.js';
import { staffRow, StaffViews } from '../members/staff-views.js';
import type { ChangedRoleDto, InviteStaffDto } from './staff-invitation.dto.js';

/** The policy of staff invitations. The caller may give or take only a role that they may grant. */
@Injectable()
export class StaffInvitationPolicy extends PermissionPolicy {
  constructor(
    private readonly roles: Roles,
    private readonly staffViews: StaffViews,
  ) {
    super();
  }

  override async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    const roles = await this.roles.describe(
      grants.map(({ grant, organisationId }) => ({ role: roleOf(grant), organisationId })),
    );
    return roles.map(({ id, name }) => ({ role: id, roleName: name }));
  }

  override async permissionsOf({ grant, organisationId }: PlacedGrant): Promise<readonly Permission[]> {
    const [role] = await this.roles.describe([{ role: roleOf(grant), organisationId }]);
    return role?.permissions ?? [];
  }

  override async assertMayInvite(
    personId: string,
    grant: Grant,
    ref: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope> {
    const authorization = await this.authorization.requireChange(personId, this.permissions.manage, ref, reads);
    const role = await this.roles.mustBeTakeable(roleOf(grant), authorization);
    // A deleted role has no scopes. The caller may revoke an invitation to it, but not resend it.
    if (to === 'resend' && role.scopes.length === 0) throw new RuleBroken('role-not-grantable');
    return authorization.scope;
  }

  override async authoriseChange(
    personId: string,
    grant: Grant,
    ref: ScopeRef,
    dto: InvitationChangeDto & ChangedRoleDto,
    reads: ReadSet,
  ): Promise<Grant> {
    if (dto.role === undefined) return super.authoriseChange(personId, grant, ref, dto, reads);
    const authorization = await this.authorization.requireChange(personId, this.permissions.manage, ref, reads);
    await this.roles.mustBeTakeable(roleOf(grant), authorization);
    return { role: (await this.roles.mustBeGrantable(dto.role, authorization)).id };
  }

  override async assertInviterStillAuthorised(
    issuedBy: string,
    grant: Grant,
    scope: Scope,
    reads: StreamSource,
  ): Promise<void> {
    if (issuedBy === SYSTEM) return;
    const role = await this.roles.find({ role: roleOf(grant), organisationId: scope.organisation?.id ?? null }, reads);
    const { effectivePermissions } = await this.authorization.evaluate(issuedBy, scope, reads);
    if (!role || !effectivePermissions.can(this.permissions.manage) || !effectivePermissions.mayGrant(role))
      throw new RuleBroken('inviter-lost-authority');
  }

  protected override async memberConditions(
    { role }: StaffListDto,
    { organisation }: Scope,
  ): Promise<RawBuilder<boolean>[]> {
    const active = await super.memberConditions();
    if (!role) return active;
    const ids = await this.roles.idsOf({ role, organisationId: organisation?.id ?? null });
    return [...active, sql<boolean>`role = any(${lines(ids)})`];
  }

  protected override async grantOf({ role }: InviteStaffDto, authorization: AuthorizationResult): Promise<Grant> {
    return { role: (await this.roles.mustBeGrantable(role, authorization)).id };
  }

  protected override rowOf(loaded: LoadedMember<ActiveStaffMember>): StaffRow {
    return staffRow(loaded);
  }

  protected override async show(rows: readonly StaffRow[]): Promise<object[]> {
    return this.staffViews.of(rows);
  }

  protected override async assertMayEnd(
    actor: string,
    by: MembershipEnd,
    loaded: LoadedMember<ActiveStaffMember>,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    const authorization = await super.assertMayEnd(actor, by, loaded, reads);
    if (by === 'removed') await this.roles.mustBeTakeable(loaded.member.role, authorization);
    return authorization;
  }
}
