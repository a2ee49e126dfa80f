import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Decisions, type Decide } from '../event-store/decisions.js';
import { InvitationContexts } from './invitation-context.js';
import { revokeInvitation } from './invitation.js';
import { InvitationLocator } from './invitation-locator.js';
import { invitationOf } from './membership-stream.js';

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
    private readonly locator: InvitationLocator,
    private readonly contexts: InvitationContexts,
    private readonly decisions: Decisions,
  ) {}

  async execute({ actor, kind, invitationId }: RevokeInvitation): Promise<void> {
    const { row, grant, scope } = await this.locator.locate(kind, invitationId);
    const attribution = { actor, scope, organisationId: row.organisation_id };
    const decide: Decide = (history) => revokeInvitation(invitationOf(history), invitationId);
    await this.decisions.retrying(async (reads) => {
      await this.contexts.of(kind).mustBeAllowed(actor, grant, scope, 'revoke', reads);
      await this.decisions.decide({ stream: row.stream, attribution, decide, onlyIf: reads });
    });
  }
}
