import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { NO_UNSUBSCRIPTIONS } from './subscription.js';
import { Subscriptions } from './subscriptions.js';
import { unsubscriptionId } from './unsubscription-list.projection.js';

/** Resubscribes a person to the invitation mails of an organisation. */
export class SwitchMailsBack extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(SwitchMailsBack)
export class SwitchMailsBackHandler implements ICommandHandler<SwitchMailsBack> {
  constructor(private readonly subscriptions: Subscriptions) {}

  /** @throws RuleBroken `not-found` for somebody else's unsubscription, or one that has ended */
  async execute({ actor, id }: SwitchMailsBack): Promise<void> {
    const unsubscribed = (await this.subscriptions.of([actor])).get(actor) ?? NO_UNSUBSCRIPTIONS;
    const organisationId = [...unsubscribed.keys()].find((some) => unsubscriptionId(actor, some) === id);
    if (organisationId === undefined) throw new RuleBroken('not-found');
    await this.subscriptions.switchBack(actor, organisationId);
  }
}
