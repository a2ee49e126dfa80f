import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { chooseGrantNotices, grantNoticesFrom } from './grant-notices.js';

/** Switches the caller's notices about grants in an organisation on or off. */
export class ChooseGrantNotices extends Command<void> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly grants: boolean,
  ) {
    super();
  }
}

@CommandHandler(ChooseGrantNotices)
export class ChooseGrantNoticesHandler implements ICommandHandler<ChooseGrantNotices> {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly ownEvents: OwnEvents,
  ) {}

  async execute({ actor, organisationId, grants }: ChooseGrantNotices): Promise<void> {
    const scope: ScopeRef = { kind: 'organisation', id: organisationId };
    const decide: Decide = async (history) => {
      const domainEvents = chooseGrantNotices(grantNoticesFrom(history), organisationId, grants);
      if (domainEvents.length > 0) await this.ownEvents.count(actor, actor);
      return domainEvents;
    };
    await this.commandHandling.retrying(async (reads) => {
      await this.authorization.requireWrite(actor, 'organisation.edit', scope, reads);
      await this.commandHandling.decide({
        stream: personStream(actor),
        eventContext: { actor, scope, organisationId },
        decide,
        onlyIf: reads,
      });
    });
  }
}
