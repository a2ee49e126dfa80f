import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { RespondToInvitation } from './respond-to-invitation.js';
import { InvitationLinks } from '../links/invitation-links.js';

/** Declines the invitation behind a link. The link is enough, because it proves the address. */
export class DeclineInvitation extends Command<void> {
  constructor(
    readonly token: string,
    readonly signedInAs: string | null,
  ) {
    super();
  }
}

@CommandHandler(DeclineInvitation)
export class DeclineInvitationHandler implements ICommandHandler<DeclineInvitation> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly respondToInvitation: RespondToInvitation,
  ) {}

  async execute({ token, signedInAs }: DeclineInvitation): Promise<void> {
    const resolved = await this.links.open(token);
    if (signedInAs !== null && signedInAs !== resolved.personId) throw new RuleBroken('wrong-account');
    await this.respondToInvitation.decline(resolved);
  }
}
