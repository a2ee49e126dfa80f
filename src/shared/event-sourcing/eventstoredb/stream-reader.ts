import { BACKWARDS, END, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import type { EventChecks, LoggedEvent } from '../event-checks.js';
import { isObject } from '../event-shapes.js';
import type { History } from '../event-store.js';
import { isStreamName } from '../serialised-append.js';
import { FROM_LEADER } from './connection.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';
import { toLoggedEvent } from './stored-events.js';

/** The limit is below 100, because servers commonly allow 100 streams on a connection. */
const MOST_UNDER_WAY = 48;
const PATIENCE_MS = 3_000;

/** Reads whole streams, with one call for each. */
export class StreamReader {
  private readonly calls = new StoreCalls({ maxConcurrentCalls: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly checks: EventChecks,
  ) {}

  /**
   * Returns an empty history for a stream without events.
   * @throws EventStoreUnavailable, LogTooOld, StreamIncomplete, StreamUnreadable
   */
  async read(stream: string): Promise<History> {
    if (!isStreamName(stream)) return [];
    const events = await this.calls.run((signal) => this.readOnce(stream, signal));
    // An empty array says that the stream exists and its events are gone.
    if (events?.length === 0) throw this.checks.incomplete({ stream });
    return this.checks.history(events ?? []);
  }

  async whenIdle(): Promise<void> {
    await this.calls.whenIdle();
  }

  /**
   * @returns null where there never was a stream; an empty array where it was deleted or all its events were truncated
   */
  private async readOnce(stream: string, signal: AbortSignal): Promise<LoggedEvent[] | null> {
    const events = await this.eventsOf(stream, signal);
    if (events !== null) return events;
    // A deleted stream looks like one that never existed, and would accept an append. Only its metadata tell the
    // difference.
    const metadata = await this.eventsOf(`$$${stream}`, signal, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
    });
    return isTruncated(metadata?.[0]?.data) ? [] : null;
  }

  private async eventsOf(
    stream: string,
    signal: AbortSignal,
    options: Parameters<EventStoreDBClient['readStream']>[1] = {},
  ): Promise<LoggedEvent[] | null> {
    try {
      const resolved = await everythingIn<ResolvedEvent>(
        this.client.readStream(stream, { ...FROM_LEADER, ...options }),
        signal,
      );
      return resolved.flatMap(({ event }) => (event ? [toLoggedEvent(event)] : []));
    } catch (error) {
      const { type } = error as { type?: unknown };
      if (type === 'stream-not-found') return null;
      if (type === 'stream-deleted') return [];
      throw error;
    }
  }
}

function isTruncated(metadata: unknown): boolean {
  return isObject(metadata) && typeof metadata['$tb'] === 'number' && metadata['$tb'] > 0;
}
