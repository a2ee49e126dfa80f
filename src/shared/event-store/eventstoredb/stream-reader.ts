import type { EventStoreDBClient, ResolvedEvent } from '@eventstore/db-client';
import type { StoredEvent } from '../event-store.js';
import { isStreamName } from '../serialised-append.js';
import { FROM_LEADER } from './connection.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';
import { toStoredEvent } from './stored-events.js';

/** Below the 100 streams that servers commonly allow on a connection. */
const MOST_UNDER_WAY = 48;
const PATIENCE_MS = 3_000;

/** Reads whole streams: one call each, some at once. */
export class StreamReader {
  private readonly calls = new StoreCalls({ lanes: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });

  constructor(private readonly client: EventStoreDBClient) {}

  /** A stream without events is empty. @throws EventStoreUnavailable, LogTooOld */
  async read(stream: string): Promise<StoredEvent[]> {
    if (!isStreamName(stream)) return [];
    return this.calls.run((signal) => this.readOnce(stream, signal));
  }

  async quiet(): Promise<void> {
    await this.calls.quiet();
  }

  private async readOnce(stream: string, signal: AbortSignal): Promise<StoredEvent[]> {
    try {
      const resolved = await everythingIn<ResolvedEvent>(this.client.readStream(stream, FROM_LEADER), signal);
      return resolved.flatMap(({ event }) => (event ? [toStoredEvent(event)] : []));
    } catch (error) {
      if ((error as { type?: unknown }).type === 'stream-not-found') return [];
      throw error;
    }
  }
}
