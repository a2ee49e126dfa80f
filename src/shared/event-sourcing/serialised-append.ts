import type { CompanionRow } from './companion-rows.js';
import {
  type Append,
  type AppendOutcome,
  AppendRefused,
  EventStoreUnavailable,
  MAX_APPEND_BYTES,
  type NewEvent,
  STREAM_DOES_NOT_EXIST,
  type StreamRevision,
} from './event-store.js';
import { DatabaseUnavailable } from '../database/failures.js';
import { EventStoreRefuses } from './event-store-refuses.js';

const STREAM = /^[A-Za-z0-9]+-[\x21-\x7e]{1,200}$/;
const TYPE = /^[\x21-\x7e]{1,200}$/;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** The range of PostgreSQL's `int`, with room for the events of one append. */
const MAX_REVISION = 2_000_000_000;

export interface SerialisedEvent {
  id: string;
  type: string;
  data: string;
  metadata: string;
}

/** An append whose values the store accepts. It no longer depends on the caller's objects. */
export interface SerialisedAppend {
  stream: string;
  expectedRevision: number;
  events: SerialisedEvent[];
  companionRow: CompanionRow | undefined;
  onlyIf: readonly StreamRevision[];
  bytes: number;
}

/**
 * @throws AppendRefused when the append is too large, isn't JSON, or has a name or id that can't be stored
 * @throws TypeError without events, or for an invalid revision
 */
export function serialise(append: Append): SerialisedAppend {
  const { stream, expectedRevision } = append;
  if (append.events.length === 0) throw new TypeError('an append needs an event');
  if (
    !Number.isInteger(expectedRevision) ||
    expectedRevision < STREAM_DOES_NOT_EXIST ||
    expectedRevision > MAX_REVISION
  ) {
    throw new TypeError('an append needs an exact expected revision');
  }
  if (!isStreamName(stream)) throw new AppendRefused('the stream is not named <category>-<id>');
  const events = append.events.map(serialiseEvent);
  const bytes = events.reduce(
    (sum, event) => sum + Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata),
    0,
  );
  if (bytes > MAX_APPEND_BYTES)
    throw new AppendRefused(`an append holds at most ${String(MAX_APPEND_BYTES)} bytes of JSON`);
  return { stream, expectedRevision, events, companionRow: append.companionRow, onlyIf: append.onlyIf ?? [], bytes };
}

/** Tells whether a stream of this name can exist. */
export function isStreamName(stream: string): boolean {
  return STREAM.test(stream);
}

function serialiseEvent({ id, type, data, metadata }: NewEvent): SerialisedEvent {
  if (!UUID.test(id)) throw new AppendRefused('the event has no UUID');
  if (!TYPE.test(type)) throw new AppendRefused('the event has no usable type');
  return { id, type, data: toJson(data), metadata: toJson(metadata) };
}

/** The library's type hides that the result is undefined for `undefined` and for a `toJSON` that returns it. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

function toJson(value: object): string {
  let json: string | undefined;
  try {
    json = stringify(value);
  } catch {
    throw new AppendRefused('the event is not JSON');
  }
  if (json?.startsWith('{') !== true) throw new AppendRefused('the event is not a JSON object');
  return json;
}

/** A failed append counts for this long, unless a later append is stored. */
export const APPENDS_FAIL_MS = 30_000;

/** Records whether appends fail, because a health check can't see a full disk or a store that only reads. */
export class AppendWatch {
  private failedAt: number | null = null;
  /** Tells whether the store refused the last failed append. */
  isRefused = false;

  /** Passes the outcomes or the error on. */
  async watch(appending: Promise<AppendOutcome[]>): Promise<AppendOutcome[]> {
    try {
      const outcomes = await appending;
      if (outcomes.some(({ ok }) => ok)) this.failedAt = null;
      return outcomes;
    } catch (error) {
      if (error instanceof EventStoreUnavailable || error instanceof DatabaseUnavailable) {
        this.failedAt = performance.now();
        this.isRefused = error instanceof EventStoreRefuses;
      }
      throw error;
    }
  }

  /**
   * Ends a call whose answer may not tell whether it stored anything. While appends fail, a call without one fails too.
   * @throws EventStoreUnavailable
   */
  mustNotFail(): void {
    if (this.hasFailedWithin(APPENDS_FAIL_MS)) throw new EventStoreUnavailable();
  }

  /** Tells whether an append failed in the last `ms` because of the store, and none was stored since. */
  hasFailedWithin(ms: number): boolean {
    return this.failedAt !== null && performance.now() - this.failedAt <= ms;
  }
}
