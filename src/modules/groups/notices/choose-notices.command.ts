import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { personStream } from '../../people/people.domain.contract.js';
import { chooseNotices, noticesFrom } from './group-notices.js';
import type { ChooseNoticesDto } from './notices.dto.js';

/** Switches the caller's own notices on or off. Notices that the call leaves out stay the same. */
export class ChooseNotices extends Command<void> {
  constructor(
    readonly actor: string,
    readonly dto: ChooseNoticesDto,
  ) {
    super();
  }
}

@CommandHandler(ChooseNotices)
export class ChooseNoticesHandler implements ICommandHandler<ChooseNotices> {
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly ownEvents: OwnEvents,
  ) {}

  async execute({ actor, dto: { groupAcceptances } }: ChooseNotices): Promise<void> {
    const chosen = groupAcceptances === undefined ? {} : { acceptances: groupAcceptances };
    const { domainEvents: stored, history: before } = await this.commandHandling.decideAlone(
      personStream(actor),
      { actor, scope: PLATFORM, organisationId: null },
      async (history) => {
        const domainEvents = chooseNotices(noticesFrom(history), chosen);
        if (domainEvents.length > 0) await this.ownEvents.count(actor, actor);
        return domainEvents;
      },
    );
    if (stored.length === 0) this.commandHandling.noteUnchanged(before);
  }
}
