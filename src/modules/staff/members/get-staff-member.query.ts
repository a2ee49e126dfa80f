import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization, MembershipChanges } from '../../access/access.contract.js';
import type { StaffMemberView } from './staff.dto.js';
import { STAFF_MEMBERS } from './staff-role-assignments.js';
import { StaffViews } from './staff-views.js';

/** One member, for callers who may see staff there, and for the member. */
export class GetStaffMember extends Query<StaffMemberView> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
  ) {
    super();
  }
}

@QueryHandler(GetStaffMember)
export class GetStaffMemberHandler implements IQueryHandler<GetStaffMember> {
  constructor(
    private readonly authorization: Authorization,
    private readonly changes: MembershipChanges,
    private readonly views: StaffViews,
  ) {}

  async execute({ actor, membershipId }: GetStaffMember): Promise<StaffMemberView> {
    const { member, scope, organisationId } = await this.changes.load(STAFF_MEMBERS, membershipId);
    if (member.personId !== actor) await this.authorization.requireVisible(actor, ['staff.view'], scope);
    const row = {
      id: membershipId,
      person_id: member.personId,
      scope_kind: scope.kind,
      scope_id: scope.id,
      organisation_id: organisationId,
      role: member.role,
      since: member.since,
    };
    const [view] = await this.views.of([row]);
    if (!view) throw new TypeError('one row, one view');
    return view;
  }
}
