import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SessionHeaders } from '../../accounts/accounts.contract.js';
import { RespondToInvitation, type Acceptance } from './respond-to-invitation.js';
import { InvitationLocator } from '../manage/invitation-locator.js';
import { MailboxProof } from './mailbox-proof.js';

/**
 * Accepts an invitation without its link. `MailboxProof` decides whether the session is proof enough. `headers` are the
 * request's, which name its session.
 */
export class AcceptOwnInvitation extends Command<Acceptance> {
  constructor(
    readonly actor: string,
    readonly invitationId: string,
    readonly headers: SessionHeaders,
    /** The number of the terms that the invitee read. */
    readonly terms?: number,
  ) {
    super();
  }
}

@CommandHandler(AcceptOwnInvitation)
export class AcceptOwnInvitationHandler implements ICommandHandler<AcceptOwnInvitation> {
  constructor(
    private readonly locator: InvitationLocator,
    private readonly respondToInvitation: RespondToInvitation,
    private readonly proof: MailboxProof,
  ) {}

  async execute({ actor, invitationId, headers, terms }: AcceptOwnInvitation): Promise<Acceptance> {
    const resolved = { ...(await this.locator.locateOwn(actor, invitationId)), terms };
    await this.proof.mustBeGiven(actor, headers);
    return this.respondToInvitation.acceptSignedIn(resolved);
  }
}
