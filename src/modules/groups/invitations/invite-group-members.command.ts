import type { Scope } from '../../access/access.contract.js';
import {
  type InvitationAnswer,
  InvitePeople,
  MAX_RECIPIENTS,
  optionsFrom,
} from '../../invitations/invitations.contract.js';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupAccess, mustBeOpen, mustGive } from '../group-access.js';
import { GroupInvitationPolicy } from './group-invitation.policy.js';
import type { InviteGroupMembersDto } from './group-invitation.dto.js';
import { GroupNetwork } from './group-network.js';
import { keyOf } from '../members/permission-set.js';

/** Invites people to a group, by address or picked from the network. */
export class InviteGroupMembers extends Command<InvitationAnswer> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly dto: InviteGroupMembersDto,
  ) {
    super();
  }
}

@CommandHandler(InviteGroupMembers)
export class InviteGroupMembersHandler implements ICommandHandler<InviteGroupMembers> {
  constructor(
    private readonly access: GroupAccess,
    private readonly network: GroupNetwork,
    private readonly invitePeople: InvitePeople,
    private readonly groupInvitationPolicy: GroupInvitationPolicy,
  ) {}

  async execute({ actor, groupId, dto }: InviteGroupMembers): Promise<InvitationAnswer> {
    const { emails = [], personIds = [] } = dto;
    const find = async ({ organisation }: Scope) =>
      organisation && personIds.length > 0 ? this.network.pick(personIds, organisation.id) : [];
    const call = {
      actor,
      emails,
      picks: { count: personIds.length, find },
      ...optionsFrom(this.groupInvitationPolicy, dto),
    };
    return this.invitePeople.invite(this.groupInvitationPolicy, call, async (reads) => {
      const authorization = mustBeOpen(
        await (personIds.length > 0
          ? this.access.requirePicker(actor, groupId, reads)
          : this.access.requireAppointer(actor, groupId, reads)),
      );
      mustGive(authorization, dto);
      if (emails.length + personIds.length === 0) {
        throw new RuleBroken('invalid-input', {
          errors: [{ field: 'emails', message: 'emails or personIds must name somebody' }],
        });
      }
      if (emails.length + personIds.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return { scope: authorization.scope, grant: { role: keyOf(dto) }, identifies: true };
    });
  }
}
