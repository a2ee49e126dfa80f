import { Injectable } from '@nestjs/common';
import { RuleBroken } from '../problems/problem-codes.js';
import { Remembered } from '../remembered.js';
import { EventStore, revisionOf, type Ground, type StoredEvent } from './event-store.js';
import { currentContext, requireContext } from './request-context.js';

/** Streams that are remembered; each of at most so many events. */
const MOST_STREAMS = 1000;
const MOST_EVENTS = 50;
const MAX_ATTEMPTS = 12;

/** What a piece of work is decided on. */
export interface Presumed {
  /** From memory where something is known, at first; read anew after that did not hold. */
  readonly from: 'memory' | 'store';
  readonly grounds: Ground[];
  /** So many of them, the first ones, held when something was stored; null while nothing is. */
  proven: number | null;
}

/** An append was refused because what it was decided on has changed. Whoever presumed decides again, so nobody else hears of it. */
export class GroundsMoved extends Error {
  override readonly name = 'GroundsMoved';
}

/**
 * The streams that permissions follow from: the same few for call after call of somebody who works here. They are read anew, except by work that
 * presumes them to be as they are remembered.
 */
@Injectable()
export class Grounds {
  private readonly remembered = new Remembered<readonly StoredEvent[]>(MOST_STREAMS);

  constructor(private readonly store: EventStore) {}

  async read(stream: string): Promise<readonly StoredEvent[]> {
    return (await this.readMany([stream])).get(stream) ?? [];
  }

  /** As `EventStore.readMany`; histories are shared, and not to be changed. */
  async readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const presumed = currentContext()?.presumed;
    if (!presumed) return this.store.readMany(streams);
    const { from } = presumed;
    const histories = new Map(streams.map((stream) => [stream, from === 'memory' ? this.remembered.known(stream) : undefined]));
    const unknown = streams.filter((stream) => histories.get(stream) === undefined);
    const read = unknown.length === 0 ? [] : await this.store.readMany(unknown);
    for (const [stream, history] of read) {
      histories.set(stream, history);
      if (history.length <= MOST_EVENTS) this.remembered.keep(stream, history);
      else this.remembered.forget(stream);
    }
    for (const [stream, history] of histories) note(presumed, { stream, revision: revisionOf(history) });
    return histories as Map<string, readonly StoredEvent[]>;
  }

  /**
   * Work that looks at grounds, and stores its decision with `Decisions.decide` or `decideMany`: what it stores is stored only if they are as it saw them.
   * It is done on what is remembered, and if it stores nothing then, refusing included, that is looked at afterwards; where it doesn't hold, the work is done
   * again on what there is now. Done again it must come to the same, and it must not be half done: one append. @throws RuleBroken also `too-many-conflicts`
   */
  async presume<Result>(work: () => Promise<Result>): Promise<Result> {
    if (!this.store.checksGrounds) return work();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const presumed: Presumed = { from: attempt === 0 ? 'memory' : 'store', grounds: [], proven: null };
      const end = await presuming(presumed, work);
      if (end && (await this.held(presumed))) return end();
    }
    throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
  }

  private async held({ from, grounds, proven }: Presumed): Promise<boolean> {
    if (from === 'store' || proven === grounds.length) return true;
    const histories = await this.store.readMany(grounds.map(({ stream }) => stream));
    return grounds.every(({ stream, revision }) => revisionOf(histories.get(stream)) === revision);
  }
}

/** The result, or the rule that refused; null when what it would store was decided on what has changed. */
async function presuming<Result>(presumed: Presumed, work: () => Promise<Result>): Promise<(() => Result) | null> {
  const context = requireContext();
  context.presumed = presumed;
  try {
    const result = await work();
    return () => result;
  } catch (error) {
    if (error instanceof GroundsMoved) return null;
    if (error instanceof RuleBroken) return () => { throw error; };
    throw error;
  } finally {
    context.presumed = undefined;
  }
}

function note({ grounds }: Presumed, ground: Ground): void {
  if (!grounds.some(({ stream, revision }) => stream === ground.stream && revision === ground.revision)) grounds.push(ground);
}
