import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MembershipChanges } from '../../access/access.contract.js';
import { GroupAccess, mustBeOpen } from '../group-access.js';
import { endGroupMembership, GROUP_MEMBERS } from './group-member.js';

/** Removes a member from a group, by its administrators or account administrators. Everybody may leave. */
export class EndGroupMembership extends Command<void> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
    readonly reason: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(EndGroupMembership)
export class EndGroupMembershipHandler implements ICommandHandler<EndGroupMembership> {
  constructor(
    private readonly access: GroupAccess,
    private readonly changes: MembershipChanges,
  ) {}

  async execute({ actor, membershipId, reason }: EndGroupMembership): Promise<void> {
    await this.changes.change(GROUP_MEMBERS, actor, membershipId, reason, async ({ member, scope }, reads, sealed) => {
      if (member.personId === actor) {
        mustBeOpen(await this.access.requireMember(actor, scope.id, reads));
        return endGroupMembership(member, 'left', sealed);
      }
      await this.access.requireOpenAppointer(actor, scope.id, reads);
      return endGroupMembership(member, 'removed', sealed);
    });
  }
}
