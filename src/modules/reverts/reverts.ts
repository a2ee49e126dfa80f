import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { EntryLocator, type LocatedEntry } from '../history/history.contract.js';
import { EventStore, revisionOf, type History, type StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { rehearse } from '../../shared/request-context/request-context.js';
import { type Opposite, oppositeOf } from './opposites.js';

/** An entry that a reader found, and what stands for and against taking it back. */
export interface OpenedRevert {
  entry: LocatedEntry;
  event: StoredEvent;
  /** The whole stream of the event. */
  history: History;
  revision: number;
  opposite: Opposite;
  /** Whether somebody took it back already. */
  isReverted: boolean;
  /** The first later event that changed the same; null: there is none. */
  later: StoredEvent | null;
}

/** Finds what takes an entry back. The log decides, not the history's tables. */
@Injectable()
export class Reverts {
  constructor(
    private readonly entries: EntryLocator,
    private readonly store: EventStore,
    private readonly commands: CommandBus,
  ) {}

  /** @throws RuleBroken `not-found`; `not-revertible` for an entry without an opposite */
  async open(reader: string, id: string): Promise<OpenedRevert> {
    const entry = await this.entries.find(reader, id);
    const history = await this.store.read(entry.stream);
    const at = history.findIndex(({ id: eventId }) => eventId === entry.eventId);
    const event = history[at];
    const opposite = event ? oppositeOf(event, history.slice(0, at)) : null;
    if (!event || !opposite) throw new RuleBroken('not-revertible');
    const after = history.slice(at + 1);
    return {
      entry,
      event,
      history,
      revision: revisionOf(history),
      opposite,
      isReverted: after.some(({ type, metadata }) => type === opposite.by && metadata.$causationId === event.id),
      later: after.find((one) => opposite.isTouchedBy(one)) ?? null,
    };
  }

  /** Runs the opposite command. @throws what the command throws */
  async takeBack({ entry, opposite }: OpenedRevert, actor: string, reason: string | undefined): Promise<void> {
    await this.commands.execute(opposite.command({ actor, seeId: (id) => entry.seeId(id), reason }));
  }

  /** Finds out whether the actor may take it back, without doing it. @throws what refuses it */
  async rehearse(opened: OpenedRevert, actor: string): Promise<void> {
    await rehearse(async () => this.takeBack(opened, actor, opened.opposite.keepsReason ? '-' : undefined));
  }
}
