import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MembershipChanges } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupAccess } from '../group-access.js';
import { changePermissions, GROUP_MEMBERS, permissionsOf } from './group-member.js';
import type { ChangePermissionsDto, GroupMemberView } from './group-member.dto.js';
import { GroupMemberViews } from './group-member-views.js';

/**
 * Gives a member another permission set. The group's administrators may give any set, account administrators only add
 * administrator rights.
 */
export class ChangePermissions extends Command<GroupMemberView> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
    readonly dto: ChangePermissionsDto,
  ) {
    super();
  }
}

@CommandHandler(ChangePermissions)
export class ChangePermissionsHandler implements ICommandHandler<ChangePermissions> {
  constructor(
    private readonly access: GroupAccess,
    private readonly changes: MembershipChanges,
    private readonly views: GroupMemberViews,
  ) {}

  async execute({ actor, membershipId, dto }: ChangePermissions): Promise<GroupMemberView> {
    const after = await this.changes.change(
      GROUP_MEMBERS,
      actor,
      membershipId,
      dto.reason,
      async ({ member, scope }, reads, reason) => {
        if (member.personId === actor) {
          await this.access.requireMember(actor, scope.id, reads);
          throw new RuleBroken('own-role');
        }
        const authorization = await this.access.requireOpenAppointer(actor, scope.id, reads);
        const { administrator, contentCreator } = permissionsOf(member);
        // Account administrators may only appoint. The administrators they appoint can make every other change.
        const appoints = dto.administrator === true && (dto.contentCreator ?? contentCreator) === contentCreator;
        if (!authorization.permissions?.administrator && !appoints) throw new RuleBroken('forbidden');
        return changePermissions(
          member,
          { administrator: dto.administrator ?? administrator, contentCreator: dto.contentCreator ?? contentCreator },
          reason,
        );
      },
    );
    const [view] = after
      ? await this.views.of([
          { id: membershipId, person_id: after.personId, permission_set: after.permissionSet, since: after.since },
        ])
      : [];
    if (!view) throw new TypeError('the member has no view');
    return view;
  }
}
