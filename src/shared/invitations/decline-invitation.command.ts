import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Scopes } from '../access/scopes.js';
import { Decisions } from '../event-store/decisions.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { declineInvitation } from './invitation.js';
import { InvitationLinks } from './invitation-links.js';
import { invitationOf } from './membership-stream.js';

/** Turns the invitation behind a link down. Whoever holds the link may: it is the proof of the address. */
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
    private readonly scopes: Scopes,
    private readonly decisions: Decisions,
  ) {}

  async execute({ token, signedInAs }: DeclineInvitation): Promise<void> {
    const { stream, issue, personId, scope, organisationId } = await this.links.open(token);
    if (signedInAs !== null && signedInAs !== personId) throw new RuleBroken('wrong-account');
    if ((await this.scopes.load(scope))?.archived) throw new RuleBroken('scope-archived');
    await this.decisions.decide(stream, { actor: personId, scope, organisationId }, (history) =>
      declineInvitation(invitationOf(history), issue, new Date()),
    );
  }
}
