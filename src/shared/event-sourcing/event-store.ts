import type { ScopeRef } from './scope-ref.js';
import type { CompanionRow } from './companion-rows.js';
import type { EventChecks } from './event-checks.js';

/** What an event may carry: plain JSON, times as ISO strings. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

/**
 * A place in the log: opaque text that only its own store can order (`comparePositions`).
 * Callers get it sealed, in the headers `Event-Position` and `Min-Event-Position`.
 */
export type Position = string;

/** Who, where and because of what. Names with `$` are EventStoreDB's own and mean the same there. */
export interface EventMetadata {
  /** personId of whoever did it, or `system`. */
  actor: string;
  organisationId: string | null;
  scope: ScopeRef;
  schemaVersion: number;
  /** The request that started it all. */
  $correlationId: string;
  /** The command, or the event a reaction answers. */
  $causationId: string;
  commandId: string;
}

export interface NewEvent {
  /** UUIDv5 of command id and index: a retry is the same event. */
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

/** What this product stored in one stream, in order. */
export type History = StoredEvent[] & {
  /** Of the stream's last event, where that is somebody else's: the next append expects it. Lost by `filter` and `slice`. */
  readonly revision?: number;
};

/** An event as one store recorded it, for another one: everything but the position, which is each store's own. */
export type RecordedEvent = Omit<StoredEvent, 'position'>;

/** Expected revision of a stream that must not exist yet. */
export const STREAM_DOES_NOT_EXIST = -1;

/** Where a stream was when it was read; `NO_STREAM` where it had no event. */
export interface StreamRevision {
  stream: string;
  revision: number;
}

export interface Append {
  stream: string;
  /** Revision of the stream's last event, or `NO_STREAM`. There is no "any": an unknown outcome is retried unchanged. */
  expectedRevision: number;
  events: readonly NewEvent[];
  /** Somebody whom the events are the first to be about: recorded with them or before them, and without them only if they are refused. */
  companionRow?: CompanionRow | undefined;
  /** The append condition: stored only while all of these streams are where they were read. */
  onlyIf?: readonly StreamRevision[] | undefined;
}

export type AppendOutcome =
  | { ok: true; /** Of the append's last event. */ position: Position }
  | {
      ok: false;
      /** The stream's revision as found. */
      actualRevision: number;
      /** The newcomer's address is somebody's already; nothing is stored. */
      isKnown?: boolean;
      /** The append condition does not hold; nothing is stored, nobody recorded. */
      conditionFailed?: boolean;
    };

/** The stream is not where the caller thought it was. */
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

/** A stream that a decision was authorised on has moved since it was read: authorise and decide again. */
export class AppendConditionFailed extends Error {
  override readonly name = 'AppendConditionFailed';
}

/** The store can't be reached or didn't answer in time; what was sent may or may not be stored. */
export class EventStoreUnavailable extends Error {
  constructor(options?: ErrorOptions) {
    super('the event store does not answer', options);
    this.name = 'EventStoreUnavailable';
  }
}

/** An append over this many bytes of JSON is refused before it is sent (EventStoreDB's portable limit). */
export const MAX_APPEND_BYTES = 1_048_576;

/** An append that no store could take: too large, or not JSON. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** An event's place in the log. */
export interface Place {
  position: Position;
  eventId: string;
}

export interface Subscription {
  /** Only events after this position; null means from the beginning. */
  after: Position | null;
  /** Somebody else's event. There is none of these between `after` and it: the subscription begins there, if the log still has that event. */
  seenUpTo?: Place | null | undefined;
  /** Called now and then with such an event. Everything handed out before it is handled by then. What it throws, the subscription survives. */
  onPassed?: ((seenUpTo: Place) => Promise<void>) | undefined;
  /** Stream categories (`staff` for `staff-<uuid>`); the same list decides what `head` means. */
  categories: readonly string[];
  /** Only events of these types; absent: of every type. */
  types?: readonly string[] | undefined;
  /** Also what somebody else stored, as type `Foreign` with empty data and metadata; otherwise that is passed over. */
  withForeign?: boolean | undefined;
  /** Ends the iteration. */
  signal: AbortSignal;
  /** Upper bound of events in one batch. */
  maxBatch: number;
}

/** What a look ahead looks for. */
export type Wanted = Pick<Subscription, 'after' | 'seenUpTo' | 'categories' | 'types'>;

/** What lies ahead of a position. */
export interface Ahead {
  /** When the first of the events looked for was recorded; null: none was found. */
  recordedAt: string | null;
  /** Without one: there is none up to here. */
  lookedUpTo: Position | null;
  /** Without one: this is the end of the log. */
  isEnd: boolean;
}

/** Where a look begins: as for a subscription. */
export type From = Pick<Subscription, 'after' | 'seenUpTo'>;

/** What the log has at a position. */
export interface Found {
  /** Null: no event begins there. */
  eventId: string | null;
  /** The log ends before it. */
  isBeyondEnd: boolean;
}

/**
 * The log. Abstract class rather than interface so that it is its own injection token.
 * Each adapter passes test/shared/event-sourcing/contract.ts unchanged.
 */
export abstract class EventStore {
  /** Whether `onlyIf` is looked at in the transaction that stores the append. Otherwise it is looked at right before: a stream may move in between. */
  abstract readonly supportsAppendConditions: boolean;

  /** @param checks what this product may make of the events in the log */
  constructor(readonly checks: EventChecks) {}

  /** Appends to each stream on its own: one outcome per append, in order. Streams in one call are distinct. @throws EventStoreUnavailable, AppendRefused */
  abstract appendMany(appends: readonly Append[]): Promise<AppendOutcome[]>;

  /**
   * Stores what another store recorded: in this order, with these ids, revisions and times. Each event is the next one of its stream, or is there
   * already; an unknown outcome may be repeated unchanged. @throws WrongRevision, EventStoreUnavailable, AppendRefused
   */
  abstract importMany(events: readonly RecordedEvent[]): Promise<void>;

  /**
   * Whole streams forwards; a stream without events of this product is an empty array. Every asked name is a key.
   * @throws EventStoreUnavailable, StreamIncomplete, StreamUnreadable
   */
  abstract readMany(streams: readonly string[]): Promise<Map<string, History>>;

  /** Non-empty batches in position order, live until the signal aborts. Resumes by itself after a lost connection. */
  abstract subscribe(subscription: Subscription): AsyncIterable<StoredEvent[]>;

  /**
   * Position of the last event of this product in these categories, or null when there is none.
   * @param from where one that follows these categories has got to: it saves a search @param withForeign the last event there, whoever stored it. @throws EventStoreUnavailable
   */
  abstract head(
    categories: readonly string[],
    options?: { from?: From | undefined; withForeign?: boolean },
  ): Promise<Position | null>;

  /** Which event stands at a position. @throws EventStoreUnavailable; RangeError for text that is no position of this store */
  abstract lookAt(position: Position): Promise<Found>;

  /**
   * Looks for the first event after a position, of these categories and types: forwards, over a bounded stretch of the log.
   * Where that is over before the log is, the next look begins at `lookedUpTo`. @throws EventStoreUnavailable
   */
  abstract lookAhead(wanted: Wanted): Promise<Ahead>;

  /** Whether there is an event of this product in these categories after a position: however much of somebody else's lies there. @throws EventStoreUnavailable */
  async isAnythingAfter(position: Position | null, categories: readonly string[]): Promise<boolean> {
    for (let after = position; ;) {
      const { recordedAt, lookedUpTo, isEnd } = await this.lookAhead({ after, categories });
      if (recordedAt !== null || isEnd) return recordedAt !== null;
      after = lookedUpTo;
    }
  }

  /** Whether the store answers: the cheapest look there is. @throws EventStoreUnavailable */
  abstract ping(): Promise<void>;

  /** Negative, zero or positive as `a` is before, at or after `b`. @throws RangeError for text that is no position of this store. */
  abstract comparePositions(a: Position, b: Position): number;

  /** Ends subscriptions and waits for what is under way. */
  abstract close(): Promise<void>;

  /** One stream, whole. @throws as `readMany` */
  async read(stream: string): Promise<History> {
    return (await this.readMany([stream])).get(stream) ?? [];
  }

  /** Appends to one stream. @returns position of the last event. @throws WrongRevision, EventStoreUnavailable, AppendRefused */
  async append(append: Append): Promise<Position> {
    const [outcome] = await this.appendMany([append]);
    if (!outcome) throw new TypeError('appendMany answered nothing');
    if (!outcome.ok) throw new WrongRevision(append.stream, append.expectedRevision, outcome.actualRevision);
    return outcome.position;
  }
}

/** Where a stream is: revision of its last event, whoever stored that; `NO_STREAM` for one without events. */
export function revisionOf(history: (readonly StoredEvent[] & { readonly revision?: number }) | undefined): number {
  return history?.revision ?? history?.at(-1)?.revision ?? STREAM_DOES_NOT_EXIST;
}

/** A text that must be there. @throws TypeError when it isn't: the event is not what its type says */
export function requireText(data: JsonObject, field: string): string {
  const value = data[field];
  if (typeof value !== 'string') throw new TypeError(`${field} is no text`);
  return value;
}
