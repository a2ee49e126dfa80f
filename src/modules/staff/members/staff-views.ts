import { Injectable } from '@nestjs/common';
import { type LoadedMember, Roles } from '../../access/access.contract.js';
import { MemberViews, membershipRow } from '../../invitations/invitations.contract.js';
import type { StaffMemberView } from './staff.dto.js';
import type { ActiveStaffMember } from './staff-member.js';
import type { StaffRow } from './staff-list.projection.js';

/** Members as the API shows them. Every reader who sees a staff member may identify them. */
@Injectable()
export class StaffViews {
  constructor(
    private readonly views: MemberViews,
    private readonly roles: Roles,
  ) {}

  async of(rows: readonly StaffRow[]): Promise<StaffMemberView[]> {
    const [views, roles] = await Promise.all([
      this.views.inScopes(rows),
      this.roles.describe(rows.map((row) => ({ role: row.role, organisationId: row.organisation_id }))),
    ]);
    return views.map((view, n) => ({
      ...view,
      role: roles[n]?.id ?? rows[n]?.role ?? '',
      roleName: roles[n]?.name ?? rows[n]?.role ?? '',
    }));
  }
}

/** The row of the read model, from the stream. @param role replaces the stream's */
export function staffRow(
  { membershipId, member, scope, organisationId }: LoadedMember<ActiveStaffMember>,
  role = member.role,
): StaffRow {
  return { ...membershipRow(membershipId, scope, organisationId, member, true), role };
}
