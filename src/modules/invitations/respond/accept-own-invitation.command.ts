import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SessionHeaders } from '../../accounts/accounts.contract.js';
import { RespondToInvitation, type Acceptance } from './respond-to-invitation.js';
import { InvitationLocator } from '../manage/invitation-locator.js';
import { MailboxProof } from './mailbox-proof.js';

/**
 * Accepts an invitation without its link. Being signed in as the invitee is the proof, for people who hold a place.
 * `headers` are the request's, for its session.
 */
export class AcceptOwnInvitation extends Command<Acceptance> {
  constructor(
    readonly actor: string,
    readonly invitationId: string,
    readonly headers: SessionHeaders,
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

  async execute({ actor, invitationId, headers }: AcceptOwnInvitation): Promise<Acceptance> {
    const resolved = await this.locator.locateOwn(actor, invitationId);
    await this.proof.mustBeGiven(actor, headers);
    return this.respondToInvitation.acceptSignedIn(resolved);
  }
}
