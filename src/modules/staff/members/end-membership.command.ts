import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, MembershipChanges, Roles } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { EndMembershipDto } from './staff.dto.js';
import { endMembership } from './staff-member.js';
import { STAFF_MEMBERS } from './staff-role-assignments.js';

/**
 * Removes a member whose role the caller may take; everybody may leave. With the last role in an organisation, group
 * memberships there end.
 */
export class EndMembership extends Command<void> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
    readonly dto: EndMembershipDto,
  ) {
    super();
  }
}

@CommandHandler(EndMembership)
export class EndMembershipHandler implements ICommandHandler<EndMembership> {
  constructor(
    private readonly authorization: Authorization,
    private readonly roles: Roles,
    private readonly changes: MembershipChanges,
  ) {}

  async execute({ actor, membershipId, dto: { reason, keepGroups = false } }: EndMembership): Promise<void> {
    await this.changes.change(STAFF_MEMBERS, actor, membershipId, reason, async ({ member, scope }, reads, sealed) => {
      if (member.personId === actor) {
        if ((await this.authorization.evaluate(actor, scope, reads)).scope.archived)
          throw new RuleBroken('scope-archived');
        return endMembership(member, 'left', keepGroups, sealed);
      }
      await this.authorization.requireVisible(actor, ['staff.view'], scope, reads);
      await this.roles.mustBeTakeable(
        member.role,
        await this.authorization.requireChange(actor, 'staff.manage', scope, reads),
      );
      return endMembership(member, 'removed', keepGroups, sealed);
    });
  }
}
