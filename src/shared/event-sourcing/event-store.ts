import type { CompanionRow } from './companion-rows.js';
import type { EventChecks } from './event-checks.js';

/** The content of an event: plain JSON, with times as ISO strings. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

/**
 * A position in the log: opaque text that only its own store can order (`comparePositions`).
 * Callers get it sealed, in the headers `Event-Position` and `Min-Event-Position`.
 */
export type Position = string;

/** The scope of an event. Modules define the kinds. */
export interface EventScope {
  kind: string;
  /** UUID. */
  id: string;
}

/** The actor, the place and the cause of an event. Names with `$` are EventStoreDB's names and have its meaning. */
export interface EventMetadata {
  /** personId of the caller, or `system`. */
  actor: string;
  organisationId: string | null;
  scope: EventScope;
  schemaVersion: number;
  /** The request that started the whole chain. */
  $correlationId: string;
  /** The command, or the event that a process manager handles. */
  $causationId: string;
  commandId: string;
}

export interface NewEvent {
  /** UUIDv5 of command id, stream and index, so that a retry stores the same event. */
  id: string;
  type: string;
  data: JsonObject;
  metadata: EventMetadata;
}

export interface StoredEvent extends NewEvent {
  stream: string;
  /** 0 for a stream's first event. */
  revision: number;
  position: Position;
  /** ISO UTC, from the store's clock. */
  recordedAt: string;
}

/** The product's events of one stream, in order. */
export type History = StoredEvent[] & {
  /**
   * Revision of the stream's last event, when another product stored that event. The next append expects this revision.
   * `filter` and `slice` lose it.
   */
  readonly revision?: number;
};

/**
 * A recorded event for another store. It lacks the position, because only the store that gave a position can read it.
 */
export type RecordedEvent = Omit<StoredEvent, 'position'>;

/** Expected revision of a stream that must not exist yet. */
export const STREAM_DOES_NOT_EXIST = -1;

/** A stream's revision when it was read; `STREAM_DOES_NOT_EXIST` when it had no event. */
export interface StreamRevision {
  stream: string;
  revision: number;
}

export interface Append {
  stream: string;
  /**
   * Revision of the stream's last event, or `STREAM_DOES_NOT_EXIST`. There is no "any", because an append with an
   * unknown outcome is sent again unchanged.
   */
  expectedRevision: number;
  events: readonly NewEvent[];
  /**
   * A row that the store adds with these events or before them. It stays without them only when the store refuses them.
   */
  companionRow?: CompanionRow | undefined;
  /** The append condition: the events are stored only while all of these streams are at these revisions. */
  onlyIf?: readonly StreamRevision[] | undefined;
}

export type AppendOutcome =
  | { ok: true; /** The position of the append's last event. */ position: Position }
  | {
      ok: false;
      /** The stream's revision as found. */
      actualRevision: number;
      /** The companion row is known under another id; nothing is stored. */
      isKnown?: boolean;
      /** The append condition does not hold; neither the events nor the companion row is stored. */
      conditionFailed?: boolean;
    };

/** The stream is not at the revision that the caller expected. */
export class WrongRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expectedRevision: number,
    readonly actualRevision: number,
  ) {
    super(`stream is at revision ${String(actualRevision)}, not ${String(expectedRevision)}`);
    this.name = 'WrongRevision';
  }
}

/** The store can't be reached or doesn't respond in time. What was sent may or may not be stored. */
export class EventStoreUnavailable extends Error {
  constructor(options?: ErrorOptions) {
    super('the event store does not answer', options);
    this.name = 'EventStoreUnavailable';
  }
}

/** An error of the store. It carries the code alone, because the store's message names streams or holds rows. */
export class EventStoreFailed extends Error {
  override readonly name = 'EventStoreFailed';

  constructor(readonly code: string) {
    super(`the event store failed with ${code}`);
  }
}

/**
 * Maximum bytes of JSON in one append, which is EventStoreDB's portable limit. `serialise` refuses a larger append.
 */
export const MAX_APPEND_BYTES = 1_048_576;

/** No store could take this append: it is too large or isn't JSON. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** The position of an event in the log, with its id. */
export interface Place {
  position: Position;
  eventId: string;
}

export interface Subscription {
  /** The subscription begins after this position; null: at the beginning. */
  after: Position | null;
  /**
   * A foreign event, with no event of this product between `after` and it. The subscription begins there if the log
   * still has that event.
   */
  seenUpTo?: Place | null | undefined;
  /**
   * The subscription calls this from time to time with such an event, after the follower has handled all events before
   * it. An error of this callback doesn't end the subscription.
   */
  onPassed?: ((seenUpTo: Place) => Promise<void>) | undefined;
  /** Stream categories (`order` for `order-<uuid>`). The same list decides what `head` means. */
  categories: readonly string[];
  /** The subscription delivers events of these types alone; absent: of every type. */
  types?: readonly string[] | undefined;
  /**
   * True: delivers foreign events too, with type `Foreign` and empty data and metadata. Otherwise the subscription
   * skips them.
   */
  withForeign?: boolean | undefined;
  /** False: another subscription gets the same events and counts the foreign ones. Absent: true. */
  countsForeign?: boolean | undefined;
  /** Ends the iteration. */
  signal: AbortSignal;
  /** Maximum number of events in one batch. */
  maxBatch: number;
}

/** Which events `lookAhead` looks for. */
export type Wanted = Pick<Subscription, 'after' | 'seenUpTo' | 'categories' | 'types'>;

/** The result of `lookAhead`. */
export interface Ahead {
  /** When the first matching event was recorded; null: none was found. */
  recordedAt: string | null;
  /** No matching event stands up to this position; null: the log is empty. */
  lookedUpTo: Position | null;
  /** True when the search reached the end of the log. */
  isEnd: boolean;
}

/** The start of a search, as for a subscription. */
export type From = Pick<Subscription, 'after' | 'seenUpTo'>;

/** The content of the log at a position. */
export interface Found {
  /** Null: no event begins there. */
  eventId: string | null;
  /** True when the log ends before it. */
  isBeyondEnd: boolean;
}

/**
 * The event log. It is an abstract class, so that it can be its own injection token.
 * Each adapter passes test/shared/event-sourcing/contract.ts unchanged.
 */
export abstract class EventStore {
  /**
   * True when the store checks `onlyIf` in the transaction of the append. Otherwise it checks right before, and a
   * stream may move in between.
   */
  abstract readonly supportsAppendConditions: boolean;

  /** @param checks the product's checks of the events in the log */
  constructor(readonly checks: EventChecks) {}

  /** The categories of the product's streams, which its followers follow. */
  get categories(): readonly string[] {
    return this.checks.categories;
  }

  /**
   * Appends to each stream independently: one outcome per append, in order. The streams of one call must be distinct.
   * @throws EventStoreUnavailable, AppendRefused
   */
  abstract appendMany(appends: readonly Append[]): Promise<AppendOutcome[]>;

  /**
   * Stores another store's events in this order, with their ids, revisions and times. Each event must be the next one
   * of its stream, or already stored.
   * The caller may repeat the call unchanged after an unknown outcome.
   * @throws WrongRevision, EventStoreUnavailable, AppendRefused
   */
  abstract importMany(events: readonly RecordedEvent[]): Promise<void>;

  /**
   * Reads whole streams forwards. Every requested name is a key; a stream without events of this product is an empty
   * array.
   * @throws EventStoreUnavailable, StreamIncomplete, StreamUnreadable
   */
  abstract readMany(streams: readonly string[]): Promise<Map<string, History>>;

  /** Yields non-empty batches in position order until the signal aborts. Resumes by itself after a lost connection. */
  abstract subscribe(subscription: Subscription): AsyncIterable<StoredEvent[]>;

  /**
   * Returns the position of this product's last event in these categories; null when there is none.
   * @param from the position of a follower of these categories, which shortens the search
   * @param withForeign true: counts foreign events too
   * @throws EventStoreUnavailable
   */
  abstract head(
    categories: readonly string[],
    options?: { from?: From | undefined; withForeign?: boolean },
  ): Promise<Position | null>;

  /**
   * Returns the event at a position.
   * @throws EventStoreUnavailable; RangeError for text that is no position of this store
   */
  abstract lookAt(position: Position): Promise<Found>;

  /**
   * Looks for the first event of these categories and types after a position, over a bounded stretch of the log.
   * When the stretch ends before the log does, the next search begins at `lookedUpTo`.
   * @throws EventStoreUnavailable
   */
  abstract lookAhead(wanted: Wanted): Promise<Ahead>;

  /**
   * Tells whether an event of this product in these categories follows a position. Searches to the end of the log.
   * @throws EventStoreUnavailable
   */
  async isAnythingAfter(position: Position | null, categories: readonly string[]): Promise<boolean> {
    for (let after = position; ;) {
      const { recordedAt, lookedUpTo, isEnd } = await this.lookAhead({ after, categories });
      if (recordedAt !== null || isEnd) return recordedAt !== null;
      after = lookedUpTo;
    }
  }

  /**
   * Checks by the cheapest call that the store responds.
   * @throws EventStoreUnavailable
   */
  abstract ping(): Promise<void>;

  /**
   * Returns a negative, zero or positive number as `a` is before, at or after `b`.
   * @throws RangeError for text that is no position of this store
   */
  abstract comparePositions(a: Position, b: Position): number;

  /** Ends subscriptions and waits for calls in progress. */
  abstract close(): Promise<void>;

  /**
   * Reads one whole stream.
   * @throws as `readMany`
   */
  async read(stream: string): Promise<History> {
    return (await this.readMany([stream])).get(stream) ?? [];
  }

  /**
   * Appends to one stream.
   * @returns position of the last event
   * @throws WrongRevision, EventStoreUnavailable, AppendRefused
   */
  async append(append: Append): Promise<Position> {
    const [outcome] = await this.appendMany([append]);
    if (!outcome) throw new TypeError('appendMany returned no outcome');
    if (!outcome.ok) throw new WrongRevision(append.stream, append.expectedRevision, outcome.actualRevision);
    return outcome.position;
  }
}

/**
 * Returns the revision of the stream's last event, whichever product stored it; `STREAM_DOES_NOT_EXIST` when there is
 * none.
 */
export function revisionOf(history: (readonly StoredEvent[] & { readonly revision?: number }) | undefined): number {
  return history?.revision ?? history?.at(-1)?.revision ?? STREAM_DOES_NOT_EXIST;
}

/**
 * Returns a required text field.
 * @throws TypeError when it is no text, because the event isn't what its type demands
 */
export function requireText(data: JsonObject, field: string): string {
  const value = data[field];
  if (typeof value !== 'string') throw new TypeError(`${field} is no text`);
  return value;
}
