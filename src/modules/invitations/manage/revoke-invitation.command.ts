import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { People, sealReason } from '../../people/people.contract.js';
import { InvitationAccess } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import { revokeInvitation } from '../domain/invitation.js';
import { invitationOf } from '../domain/membership-stream.js';

/** Revokes an invitation: its link stops working, the record stays. */
export class RevokeInvitation extends Command<void> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly invitationId: string,
    readonly reason?: string,
  ) {
    super();
  }
}

@CommandHandler(RevokeInvitation)
export class RevokeInvitationHandler implements ICommandHandler<RevokeInvitation> {
  constructor(
    private readonly access: InvitationAccess,
    private readonly policies: InvitationPolicies,
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
  ) {}

  async execute({ actor, kind, invitationId, reason }: RevokeInvitation): Promise<void> {
    await this.commandHandling.retrying(async (reads) => {
      const { row, grant, scope } = await this.access.open(actor, kind, invitationId, reads);
      await this.policies.of(kind).assertMayInvite(actor, grant, scope, 'revoke', reads);
      const sealed =
        reason === undefined ? undefined : await sealReason(this.people, row.person_id, row.stream, reason);
      const decide: Decide = (history) => revokeInvitation(invitationOf(history), row.id, sealed);
      await this.commandHandling.decide({
        stream: row.stream,
        eventContext: { actor, scope, organisationId: row.organisation_id },
        decide,
        onlyIf: reads,
      });
    });
  }
}
