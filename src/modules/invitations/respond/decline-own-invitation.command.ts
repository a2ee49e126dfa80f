import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RespondToInvitation } from './respond-to-invitation.js';
import { InvitationLocator } from '../manage/invitation-locator.js';

/** Declines an invitation without its link. The invitee's session is proof enough. */
export class DeclineOwnInvitation extends Command<void> {
  constructor(
    readonly actor: string,
    readonly invitationId: string,
  ) {
    super();
  }
}

@CommandHandler(DeclineOwnInvitation)
export class DeclineOwnInvitationHandler implements ICommandHandler<DeclineOwnInvitation> {
  constructor(
    private readonly locator: InvitationLocator,
    private readonly respondToInvitation: RespondToInvitation,
  ) {}

  async execute({ actor, invitationId }: DeclineOwnInvitation): Promise<void> {
    await this.respondToInvitation.decline(await this.locator.locateOwn(actor, invitationId));
  }
}
