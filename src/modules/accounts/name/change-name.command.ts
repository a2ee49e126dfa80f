import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { openField, sealField } from '../../../shared/crypto/sealing.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { type IdentifiedPerson, type KnownPerson, People } from '../../people/people.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { Accounts } from '../accounts.js';
import { changeName, chosenNameFrom } from './name.js';

/** Gives the signed-in person another name. The same name changes nothing. */
export class ChangeName extends Command<IdentifiedPerson> {
  constructor(
    readonly personId: string,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(ChangeName)
export class ChangeNameHandler implements ICommandHandler<ChangeName> {
  constructor(
    private readonly people: People,
    private readonly accounts: Accounts,
    private readonly commandHandling: CommandHandling,
    private readonly ownEvents: OwnEvents,
  ) {}

  async execute({ personId, name }: ChangeName): Promise<IdentifiedPerson> {
    const person = (await this.people.getByIds([personId])).get(personId);
    if (!person) throw new RuleBroken('unauthenticated');
    const stream = personStream(personId);
    const { domainEvents, history } = await this.commandHandling.decideAlone(
      stream,
      { actor: personId, scope: PLATFORM, organisationId: null },
      async (before, idOf) => {
        // An account that was closed a moment ago has no name to change.
        if (!(await this.accounts.exists(personId))) throw new RuleBroken('unauthenticated');
        const changes = changeName(await this.presentName(person, before), name, (text) =>
          sealField(person, { stream, eventId: idOf(0), field: 'name' }, text),
        );
        if (changes.length > 0) await this.ownEvents.count(personId, personId);
        return changes;
      },
    );
    if (domainEvents.length === 0) this.commandHandling.noteUnchanged(history);
    else await this.accounts.rename(personId, name);
    return { personId, name, email: person.email };
  }

  /** The stream counts, because the account's row and the read model may lag. */
  private async presentName(person: KnownPerson, history: readonly StoredEvent[]): Promise<string | null> {
    const chosen = chosenNameFrom(history);
    if (!chosen) return this.accounts.nameOf(person.personId);
    const place = { stream: personStream(person.personId), eventId: chosen.eventId, field: 'name' };
    return openField(person, place, chosen.sealed);
  }
}
