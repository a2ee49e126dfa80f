import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Decisions, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { InvitationAccess } from '../policy/invitation-access.js';
import { InvitationContexts } from '../policy/invitation-policy.js';
import { revokeInvitation } from '../domain/invitation.js';
import { invitationOf } from '../domain/membership-stream.js';

/** Withdraws an invitation: its link stops working, the record stays. */
export class RevokeInvitation extends Command<void> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly invitationId: string,
  ) {
    super();
  }
}

@CommandHandler(RevokeInvitation)
export class RevokeInvitationHandler implements ICommandHandler<RevokeInvitation> {
  constructor(
    private readonly access: InvitationAccess,
    private readonly contexts: InvitationContexts,
    private readonly decisions: Decisions,
  ) {}

  async execute({ actor, kind, invitationId }: RevokeInvitation): Promise<void> {
    await this.decisions.retrying(async (reads) => {
      const { row, grant, scope } = await this.access.open(actor, kind, invitationId, reads);
      await this.contexts.of(kind).mustBeAllowed(actor, grant, scope, 'revoke', reads);
      const decide: Decide = (history) => revokeInvitation(invitationOf(history), row.id);
      await this.decisions.decide({
        stream: row.stream,
        attribution: { actor, scope, organisationId: row.organisation_id },
        decide,
        onlyIf: reads,
      });
    });
  }
}
