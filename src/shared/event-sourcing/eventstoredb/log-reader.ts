import { convertGrpcRecord } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Found } from '../event-store.js';
import { isOurs } from '../event-checks.js';
import type { Connection } from './connection.js';
import { compareLogPositions, positionIn, type LogPosition } from './log-position.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';
import { toLoggedEvent } from './stored-events.js';

const MOST_UNDER_WAY = 8;
const PATIENCE_MS = 3_000;
/** The time limit of a search. The server passes about fifteen million events in this time. */
const SEARCH_PATIENCE_MS = 60_000;
/** gRPC's codes for a position at which no record begins. The message tells it from other failures. */
const [UNKNOWN, INVALID_ARGUMENT] = [2, 3];
const NO_RECORD_THERE = /InvalidPosition|invalid position/;

/** An event in `$all`, without its content. */
export interface LogRecord {
  id: string;
  stream: string;
  type: string;
  position: LogPosition;
  recordedAt: string;
  /** True when this product stored it. */
  isOurs: boolean;
}

/** Prefixes for the server's filter. The hyphen keeps `order` from matching `orderItem`. */
export function prefixesOf(categories: readonly string[]): string[] {
  return categories.map((category) => `${category}-`);
}

/** Reads `$all`, which holds the events of all products. The client's own call takes no filter. */
export class LogReader {
  private readonly closing = new AbortController();
  private readonly calls = new StoreCalls({ maxConcurrentCalls: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });
  private readonly searches = new StoreCalls({
    maxConcurrentCalls: MOST_UNDER_WAY,
    patienceMs: SEARCH_PATIENCE_MS,
    signal: this.closing.signal,
  });

  constructor(private readonly connection: Connection) {}

  /**
   * Returns the log's last event by the cheapest call.
   * @throws EventStoreUnavailable
   */
  async end(): Promise<LogRecord | undefined> {
    return (await this.read(endOfLog(), pb.ReadReq.Options.ReadDirection.BACKWARDS, null, 1))?.[0];
  }

  /**
   * Returns the last event in these categories, whichever product stored it. The server reads all events after it.
   * @throws EventStoreUnavailable
   */
  async last(categories: readonly string[]): Promise<LogRecord | undefined> {
    return (await this.read(endOfLog(), pb.ReadReq.Options.ReadDirection.BACKWARDS, categories, 1))?.[0];
  }

  /**
   * Returns events of these categories before this position, the nearest first.
   * @throws EventStoreUnavailable
   */
  async before(position: LogPosition, categories: readonly string[], count: number): Promise<LogRecord[]> {
    return (await this.read(placeInLog(position), pb.ReadReq.Options.ReadDirection.BACKWARDS, categories, count)) ?? [];
  }

  /**
   * Returns events of these categories (null: all), beginning with the one at this position. The server reads all
   * events between them.
   * @returns null where no record begins there
   * @throws EventStoreUnavailable
   */
  async from(
    position: LogPosition | undefined,
    categories: readonly string[] | null,
    count: number,
  ): Promise<LogRecord[] | null> {
    return this.read(placeInLog(position), pb.ReadReq.Options.ReadDirection.FORWARDS, categories, count);
  }

  /**
   * Works like `from` with a longer time limit, because a new attempt would start the search again.
   * @throws EventStoreUnavailable
   */
  async search(
    position: LogPosition | undefined,
    categories: readonly string[],
    count: number,
  ): Promise<LogRecord[] | null> {
    return this.read(placeInLog(position), pb.ReadReq.Options.ReadDirection.FORWARDS, categories, count, this.searches);
  }

  /**
   * Returns the event at a position.
   * @throws EventStoreUnavailable
   */
  async at(position: LogPosition): Promise<Found> {
    const records = await this.from(position, null, 1);
    const [first] = records ?? [];
    const isThere = first && compareLogPositions(first.position, position) === 0;
    return { eventId: isThere ? first.id : null, isBeyondEnd: records !== null && !first };
  }

  /** Aborts searches and waits for the other calls. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([this.calls.whenIdle(), this.searches.whenIdle()]);
  }

  private async read(
    from: ReadReq.Options.AllOptions,
    direction: ReadReq.Options.ReadDirection,
    categories: readonly string[] | null,
    count: number,
    calls = this.calls,
  ): Promise<LogRecord[] | null> {
    const request = readingAll(from, direction, categories, count);
    return calls.run(async (signal) => {
      try {
        const responses = await everythingIn<ReadResp>(await this.connection.beginReading(request), signal);
        return responses.flatMap((response) => recordIn(response) ?? []);
      } catch (error) {
        // Returns null rather than the error, because repeating the call would not change the result.
        if (saysNoRecordThere(error)) return null;
        throw error;
      }
    });
  }
}

/**
 * Tells whether an error means that no record begins at the requested position. Reads and subscriptions report it
 * differently.
 */
export function saysNoRecordThere(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    (code === UNKNOWN || code === INVALID_ARGUMENT) && typeof message === 'string' && NO_RECORD_THERE.test(message)
  );
}

function readingAll(
  from: ReadReq.Options.AllOptions,
  direction: ReadReq.Options.ReadDirection,
  categories: readonly string[] | null,
  count: number,
): ReadReq {
  const { FilterOptions, UUIDOption } = pb.ReadReq.Options;
  const options = new pb.ReadReq.Options()
    .setAll(from)
    .setReadDirection(direction)
    .setCount(String(count))
    .setUuidOption(new UUIDOption().setString(new shared.Empty()));
  if (categories === null) options.setNoFilter(new shared.Empty());
  else {
    const names = new FilterOptions.Expression().setPrefixList(prefixesOf(categories));
    options.setFilter(
      new FilterOptions().setStreamIdentifier(names).setCount(new shared.Empty()).setCheckpointintervalmultiplier(1),
    );
  }
  return new pb.ReadReq().setOptions(options);
}

function endOfLog(): ReadReq.Options.AllOptions {
  return new pb.ReadReq.Options.AllOptions().setEnd(new shared.Empty());
}

function placeInLog(position: LogPosition | undefined): ReadReq.Options.AllOptions {
  const { AllOptions, Position } = pb.ReadReq.Options;
  if (!position) return new AllOptions().setStart(new shared.Empty());
  return new AllOptions().setPosition(
    new Position().setCommitPosition(String(position.commit)).setPreparePosition(String(position.prepare)),
  );
}

function recordIn(response: ReadResp): LogRecord | undefined {
  const event = response.getEvent()?.getEvent();
  const position = positionIn(event);
  if (!event || !position) return undefined;
  const recorded = convertGrpcRecord(event);
  const { id, streamId: stream, type, created } = recorded;
  return { id, stream, type, position, recordedAt: created.toISOString(), isOurs: isOurs(toLoggedEvent(recorded)) };
}
