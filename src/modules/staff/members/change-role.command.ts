import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, MembershipChanges, Roles } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ChangeRoleDto, StaffMemberView } from './staff.dto.js';
import { changeRole } from './staff-member.js';
import { STAFF_MEMBERS } from './staff-role-assignments.js';
import { StaffViews } from './staff-views.js';

/** Gives a member another role. The caller must be allowed to give the old role and the new one. */
export class ChangeRole extends Command<StaffMemberView> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
    readonly dto: ChangeRoleDto,
  ) {
    super();
  }
}

@CommandHandler(ChangeRole)
export class ChangeRoleHandler implements ICommandHandler<ChangeRole> {
  constructor(
    private readonly authorization: Authorization,
    private readonly roles: Roles,
    private readonly changes: MembershipChanges,
    private readonly views: StaffViews,
  ) {}

  async execute({ actor, membershipId, dto }: ChangeRole): Promise<StaffMemberView> {
    const { member, scope, organisationId } = await this.changes.load(STAFF_MEMBERS, membershipId);
    const after = await this.changes.change(
      STAFF_MEMBERS,
      actor,
      membershipId,
      dto.reason,
      async (loaded, reads, reason) => {
        if (loaded.member.personId === actor) throw new RuleBroken('own-role');
        await this.authorization.requireVisible(actor, ['staff.view'], loaded.scope, reads);
        const authorization = await this.authorization.requireChange(actor, 'staff.manage', loaded.scope, reads);
        await this.roles.mustBeTakeable(loaded.member.role, authorization);
        await this.roles.mustBeGrantable(dto.role, authorization);
        return changeRole(loaded.member, dto.role, reason);
      },
    );
    const role = after?.role ?? member.role;
    const row = {
      id: membershipId,
      person_id: member.personId,
      scope_kind: scope.kind,
      scope_id: scope.id,
      organisation_id: organisationId,
      role,
      since: member.since,
    };
    const [view] = await this.views.of([row]);
    if (!view) throw new TypeError('one row, one view');
    return view;
  }
}
