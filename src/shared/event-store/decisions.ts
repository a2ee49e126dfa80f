import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../access/scope-ref.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { deterministicId } from './deterministic-id.js';
import { EventStore, NO_STREAM, type Append, type JsonObject, type NewEvent, type Position, type StoredEvent } from './event-store.js';
import { requireContext } from './request-context.js';

/** What a decider answers with: something that happened, before it has an id and a place. */
export interface Fact {
  type: string;
  /** Plain JSON; the store refuses anything else. */
  data: object;
}

/** By whom and where: what the metadata of a fact says besides its cause. */
export interface Attribution {
  /** personId or `system`. */
  actor: string;
  scope: ScopeRef;
  organisationId: string | null;
}

/** Sees a stream's history, says what happens now. `idOf(n)` is the id that the n-th fact will get, for sealing. */
export type Decide = (history: readonly StoredEvent[], idOf: (index: number) => string) => readonly Fact[] | Promise<readonly Fact[]>;

export interface Decided {
  /** The stream before. */
  history: readonly StoredEvent[];
  facts: readonly Fact[];
  /** Revision of the stream's last event now; `NO_STREAM` when there is still none. */
  revision: number;
}

/** A stream whose decision is wanted, in a call about many. */
export interface Undecided {
  stream: string;
  attribution: Attribution;
  decide: Decide;
}

const SCHEMA_VERSION = 1;
const MAX_ATTEMPTS = 12;
/** Between two chunks other requests are served. Source: DESIGN §7 */
export const CHUNK = 500;

/** Load, decide, append at the exact revision; somebody was faster: load and decide again. */
@Injectable()
export class Decisions {
  constructor(private readonly store: EventStore) {}

  /** One stream. @throws RuleBroken whatever `decide` throws, or `too-many-conflicts` */
  async decide(stream: string, attribution: Attribution, decide: Decide): Promise<Decided> {
    const [outcome] = await this.decideMany([{ stream, attribution, decide }]);
    if (!outcome) throw new TypeError('one stream, one outcome');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /** Many streams, each for itself: the answer holds, in order, what was decided or the rule that refused it. */
  async decideMany(undecided: readonly Undecided[]): Promise<(Decided | RuleBroken)[]> {
    const outcomes = new Array<Decided | RuleBroken>(undecided.length);
    for (let start = 0; start < undecided.length; start += CHUNK) {
      const indexes = undecided.slice(start, start + CHUNK).map((_, offset) => start + offset);
      await this.decideChunk(undecided, indexes, outcomes);
    }
    return outcomes;
  }

  /** Appends at a revision that was decided on before. @throws WrongRevision */
  async appendAt(stream: string, expectedRevision: number, attribution: Attribution, facts: readonly Fact[]): Promise<Position> {
    const position = await this.store.append({ stream, expectedRevision, events: envelopes(stream, attribution, facts) });
    this.note(position);
    return position;
  }

  private async decideChunk(undecided: readonly Undecided[], indexes: number[], outcomes: (Decided | RuleBroken)[]): Promise<void> {
    let open = indexes;
    for (let attempt = 0; open.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) {
        for (const index of open) outcomes[index] = new RuleBroken('too-many-conflicts', { retryAfter: 1 });
        return;
      }
      open = await this.attempt(undecided, open, outcomes);
    }
  }

  /** @returns the indexes that met a conflict */
  private async attempt(undecided: readonly Undecided[], indexes: number[], outcomes: (Decided | RuleBroken)[]): Promise<number[]> {
    const items = indexes.map((index) => ({ index, ...at(undecided, index) }));
    const histories = await this.store.readMany(items.map((item) => item.stream));
    const appends: { index: number; append: Append; decided: Decided }[] = [];
    for (const { index, stream, attribution, decide } of items) {
      const history = histories.get(stream) ?? [];
      try {
        const facts = await decide(history, (n) => eventId(stream, n));
        const revision = (history.at(-1)?.revision ?? NO_STREAM) + facts.length;
        outcomes[index] = { history, facts, revision };
        if (facts.length === 0) continue;
        const append = { stream, expectedRevision: revision - facts.length, events: envelopes(stream, attribution, facts) };
        appends.push({ index, append, decided: outcomes[index] });
      } catch (error) {
        if (!(error instanceof RuleBroken)) throw error;
        outcomes[index] = error;
      }
    }
    if (appends.length === 0) return [];
    const results = await this.store.appendMany(appends.map(({ append }) => append));
    return appends.flatMap(({ index }, n) => {
      const result = results[n];
      if (!result?.ok) return [index];
      this.note(result.position);
      return [];
    });
  }

  private note(position: Position): void {
    const context = requireContext();
    if (context.position === undefined || this.store.comparePositions(position, context.position) > 0) context.position = position;
  }
}

function at(undecided: readonly Undecided[], index: number): Undecided {
  const item = undecided[index];
  if (!item) throw new RangeError('index out of range');
  return item;
}

/** The id of the n-th fact that the present command stores in a stream: follows from both, so that a retry is the same event. */
export function eventId(stream: string, index: number): string {
  return deterministicId(requireContext().commandId, stream, String(index));
}

function envelopes(stream: string, attribution: Attribution, facts: readonly Fact[]): NewEvent[] {
  const { correlationId, causationId, commandId } = requireContext();
  return facts.map((fact, index) => ({
    id: eventId(stream, index),
    type: fact.type,
    data: fact.data as JsonObject,
    metadata: {
      ...attribution,
      schemaVersion: SCHEMA_VERSION,
      $correlationId: correlationId,
      $causationId: causationId,
      commandId,
    },
  }));
}
