import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../access/scope-ref.js';
import type { PersonRow } from '../privacy/people.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { deterministicId } from './deterministic-id.js';
import { EventStore, NO_STREAM, revisionOf, type Append, type JsonObject, type NewEvent, type Position, type StoredEvent } from './event-store.js';
import { GroundsMoved } from './grounds.js';
import { requireContext } from './request-context.js';

/** What a decider answers with: something that happened, before it has an id and a place. */
export interface Fact {
  type: string;
  /** Plain JSON; the store refuses anything else. */
  data: object;
}

/** Who acts where nobody is signed in: the first start, the schedules, a patient link. In the place of a personId. */
export const SYSTEM = 'system';

/** By whom and where: what the metadata of a fact says besides its cause. */
export interface Attribution {
  /** personId or `SYSTEM`. */
  actor: string;
  scope: ScopeRef;
  organisationId: string | null;
}

/** Sees a stream's history, says what happens now. `idOf(n)` is the id that the n-th fact will get, for sealing. */
export type Decide = (history: readonly StoredEvent[], idOf: (index: number) => string) => readonly Fact[] | Promise<readonly Fact[]>;

export interface Decided {
  /** The stream before the facts. */
  history: readonly StoredEvent[];
  facts: readonly Fact[];
  /** Revision of the stream's last event now; `NO_STREAM` when there is still none. */
  revision: number;
  /** Nothing was stored, because the newcomer's address is somebody's already. */
  isKnown?: boolean;
}

/** A stream whose decision is wanted, in a call about many. */
export interface Undecided {
  stream: string;
  attribution: Attribution;
  decide: Decide;
  /** Whose stream it is, if nobody has recorded them: decided as on an empty stream, without reading, and recorded with what is stored. */
  newcomer?: PersonRow | undefined;
}

const SCHEMA_VERSION = 1;
const MAX_ATTEMPTS = 12;
/** Between two chunks other requests are served. Source: DESIGN §7 */
export const CHUNK = 500;

/**
 * Load, decide, append at the exact revision; somebody was faster: load and decide again. A command decides once per stream: what
 * it has stored there already, before a crash, is its decision, and is answered with instead of being taken a second time.
 */
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

  /** Appends at a revision that was decided on before; not for work that presumes something. @throws WrongRevision */
  async appendAt(stream: string, expectedRevision: number, attribution: Attribution, facts: readonly Fact[]): Promise<Position> {
    if (requireContext().presumed) throw new TypeError('what is presumed is not checked here');
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
      open = await this.attempt(undecided, open, outcomes, attempt === 0);
    }
  }

  /** @returns the indexes that met a conflict */
  private async attempt(undecided: readonly Undecided[], indexes: number[], outcomes: (Decided | RuleBroken)[], isFirst: boolean): Promise<number[]> {
    const items = indexes.map((index) => ({ index, ...at(undecided, index) }));
    const toRead = items.filter(({ newcomer }) => !(isFirst && newcomer));
    const histories = toRead.length === 0 ? new Map<string, StoredEvent[]>() : await this.store.readMany(toRead.map((item) => item.stream));
    const appends: { index: number; append: Append; decided: Decided }[] = [];
    for (const { index, stream, attribution, newcomer, decide } of items) {
      const history = histories.get(stream) ?? [];
      const done = storedBefore(history);
      if (done) {
        outcomes[index] = done.decided;
        this.note(done.position);
        continue;
      }
      try {
        const facts = await decide(history, (n) => eventId(stream, n));
        const revision = revisionOf(history) + facts.length;
        outcomes[index] = { history, facts, revision };
        if (facts.length === 0) continue;
        const append = { stream, expectedRevision: revision - facts.length, events: envelopes(stream, attribution, facts), newcomer: isFirst ? newcomer : undefined };
        appends.push({ index, append, decided: outcomes[index] });
      } catch (error) {
        if (!(error instanceof RuleBroken)) throw error;
        outcomes[index] = error;
      }
    }
    if (appends.length === 0) return [];
    const { presumed } = requireContext();
    const grounds = [...(presumed?.grounds ?? [])];
    const results = await this.store.appendMany(appends.map(({ append }) => ({ ...append, grounds })));
    return appends.flatMap(({ index }, n) => {
      const result = results[n];
      if (result?.ok) {
        this.note(result.position);
        if (presumed) presumed.proven = grounds.length;
        return [];
      }
      if (result?.isOutdated) throw new GroundsMoved();
      if (!result?.isKnown) return [index];
      outcomes[index] = { history: [], facts: [], revision: NO_STREAM, isKnown: true };
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

/** What the present command has stored in a stream already; null when it hasn't. */
function storedBefore(history: readonly StoredEvent[]): { decided: Decided; position: Position } | null {
  const { commandId } = requireContext();
  const own = history.filter(({ metadata }) => metadata.commandId === commandId);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return null;
  const facts = own.map(({ type, data }) => ({ type, data }));
  return { decided: { history: history.slice(0, history.indexOf(first)), facts, revision: history.at(-1)?.revision ?? last.revision }, position: last.position };
}

/** The id of something of this kind that the present command makes: done again it makes the same one. */
export function newId(kind: string): string {
  return deterministicId(requireContext().commandId, kind);
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
