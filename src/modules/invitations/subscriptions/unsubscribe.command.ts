import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Subscriptions } from './subscriptions.js';
import { InvitationLinks } from '../links/invitation-links.js';

/** Unsubscribes the person of an unsubscribe link from its organisation's invitation mails, or resubscribes them. */
export class Unsubscribe extends Command<void> {
  constructor(
    readonly token: string,
    readonly to: 'unsubscribe' | 'switch back',
  ) {
    super();
  }
}

@CommandHandler(Unsubscribe)
export class UnsubscribeHandler implements ICommandHandler<Unsubscribe> {
  constructor(
    private readonly links: InvitationLinks,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** @throws RuleBroken `invitation-not-found` for a forged link, `too-many-requests` */
  async execute({ token, to }: Unsubscribe): Promise<void> {
    const { personId, organisationId } = await this.links.open(token, 'unsubscribe');
    await (to === 'unsubscribe'
      ? this.subscriptions.unsubscribe(personId, organisationId)
      : this.subscriptions.switchBack(personId, organisationId));
  }
}
