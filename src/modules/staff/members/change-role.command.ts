import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, MembershipChanges, Roles } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ChangeRoleDto, StaffMemberView } from './staff.dto.js';
import { changeRole } from './staff-member.js';
import { STAFF_MEMBERSHIP } from './staff-membership.js';
import { staffRow, StaffViews } from './staff-views.js';

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
    const loaded = await this.changes.load(STAFF_MEMBERSHIP, membershipId);
    const after = await this.changes.change(
      STAFF_MEMBERSHIP,
      actor,
      membershipId,
      dto.reason,
      async (found, reads, reason) => {
        if (found.member.personId === actor) throw new RuleBroken('own-role');
        await this.authorization.requireVisible(actor, ['staff.view'], found.scope, reads);
        const authorization = await this.authorization.requireChange(actor, 'staff.manage', found.scope, reads);
        await this.roles.mustBeTakeable(found.member.role, authorization);
        await this.roles.mustBeGrantable(dto.role, authorization);
        return changeRole(found.member, dto.role, reason);
      },
    );
    const [view] = await this.views.of([staffRow(loaded, after?.role)]);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
