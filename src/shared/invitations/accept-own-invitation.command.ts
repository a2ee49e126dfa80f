import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Answering, type Acceptance } from './answering.js';
import { InvitationLocator } from './invitation-locator.js';

/** Takes up an invitation without its link: being signed in as the invitee is the proof. */
export class AcceptOwnInvitation extends Command<Acceptance> {
  constructor(
    readonly actor: string,
    readonly invitationId: string,
  ) {
    super();
  }
}

@CommandHandler(AcceptOwnInvitation)
export class AcceptOwnInvitationHandler implements ICommandHandler<AcceptOwnInvitation> {
  constructor(
    private readonly locator: InvitationLocator,
    private readonly answering: Answering,
  ) {}

  async execute({ actor, invitationId }: AcceptOwnInvitation): Promise<Acceptance> {
    return this.answering.acceptSignedIn(await this.locator.locateOwn(actor, invitationId));
  }
}
