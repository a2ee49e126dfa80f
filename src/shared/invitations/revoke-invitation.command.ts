import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Decisions } from '../event-store/decisions.js';
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
    await this.contexts.of(kind).mustBeAllowed(actor, grant, scope, 'revoke');
    await this.decisions.decide(row.stream, { actor, scope, organisationId: row.organisation_id }, (history) =>
      revokeInvitation(invitationOf(history), invitationId),
    );
  }
}
