import { sql, type Kysely } from 'kysely';
import { BatchLoader } from '../../batching/batch-loader.js';
import { lines } from '../../database/lists.js';
import type { EventChecks } from '../event-checks.js';
import type { History } from '../event-store.js';
import { EVENT_COLUMNS, toLoggedEvent, type EventRow, type EventTables } from './event-rows.js';
import { withLogRetry } from './failures.js';
import type { LoggedEvent } from '../foreign.js';
import { isStreamName } from '../serialised-append.js';

const MAX_STREAMS = 1_000;
const RETRY_FOR_MS = 100;

/** Reads whole streams, those of many callers in one query. */
export class StreamReader {
  private readonly reader: BatchLoader<LoggedEvent>;

  constructor(
    private readonly db: Kysely<EventTables>,
    private readonly checks: EventChecks,
    maxConcurrentBatches: number,
  ) {
    const query = async (streams: string[]) => withLogRetry(RETRY_FOR_MS, () => this.query(streams));
    this.reader = new BatchLoader({
      maxConcurrentBatches,
      maxBatchSize: MAX_STREAMS,
      query,
      keyOf: ({ stream }) => stream,
    });
  }

  /**
   * Returns each caller's own events; their data and metadata are shared and must not be changed.
   * @throws EventStoreUnavailable, StreamIncomplete, StreamUnreadable
   */
  async read(streams: readonly string[]): Promise<Map<string, History>> {
    const events = await this.reader.read(streams.filter(isStreamName));
    return new Map(
      streams.map((stream) => [stream, this.checks.history((events.get(stream) ?? []).map((event) => ({ ...event })))]),
    );
  }

  private async query(streams: string[]): Promise<LoggedEvent[]> {
    const { rows } = await sql<EventRow>`
      select ${EVENT_COLUMNS} from event e where e.stream = any(${lines(streams)}) order by e.stream, e.revision`.execute(
      this.db,
    );
    return rows.map(toLoggedEvent);
  }
}
