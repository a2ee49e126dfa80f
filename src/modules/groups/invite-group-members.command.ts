import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MAX_RECIPIENTS } from '../../shared/invitations/invitation.dto.js';
import { Inviting, termsOf, type InvitationAnswer } from '../../shared/invitations/inviting.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { GroupAccess } from './group-access.js';
import { GroupInvitation } from './group-invitation.js';
import type { InviteGroupMembersDto } from './group-invitation.dto.js';
import { GroupNetwork } from './group-network.js';
import { keyOf } from './permission-set.js';

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
    private readonly inviting: Inviting,
    private readonly groupInvitation: GroupInvitation,
  ) {}

  async execute(command: InviteGroupMembers): Promise<InvitationAnswer> {
    const { emails = [], personIds = [] } = command.dto;
    return this.inviting.allowed(emails.length + personIds.length, async () => this.invite(command));
  }

  private async invite({ actor, groupId, dto }: InviteGroupMembers): Promise<InvitationAnswer> {
    const { scope, group } = await this.access.toAdminister(actor, groupId);
    const { emails = [], personIds = [] } = dto;
    if (emails.length + personIds.length === 0) {
      throw new RuleBroken('invalid-input', { errors: [{ field: 'emails', message: 'emails or personIds must name somebody' }] });
    }
    if (emails.length + personIds.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
    return this.inviting.invite(this.groupInvitation, {
      actor,
      scope,
      grant: { role: keyOf(dto) },
      emails,
      picked: personIds.length === 0 ? [] : await this.network.pick(personIds, group.organisationId),
      ...termsOf(this.groupInvitation, dto),
    });
  }
}
