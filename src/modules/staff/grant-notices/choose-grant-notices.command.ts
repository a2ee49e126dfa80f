import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access } from '../../access/access.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';
import { Decisions, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { chooseGrantNotices, grantNoticesFrom } from './grant-notices.js';

/** Switches one's own notices about grants in an organisation on or off. */
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
    private readonly access: Access,
    private readonly decisions: Decisions,
    private readonly ownEvents: OwnEvents,
  ) {}

  async execute({ actor, organisationId, grants }: ChooseGrantNotices): Promise<void> {
    const scope: ScopeRef = { kind: 'organisation', id: organisationId };
    const decide: Decide = async (history) => {
      const facts = chooseGrantNotices(grantNoticesFrom(history), organisationId, grants);
      if (facts.length > 0) await this.ownEvents.count(actor, actor);
      return facts;
    };
    await this.decisions.retrying(async (reads) => {
      await this.access.toWrite(actor, 'organisation.edit', scope, reads);
      await this.decisions.decide({
        stream: personStream(actor),
        attribution: { actor, scope, organisationId },
        decide,
        onlyIf: reads,
      });
    });
  }
}
