import { type Kysely, type RawBuilder, sql } from 'kysely';
import { BatchLoader } from '../../batching/batch-loader.js';
import { lines } from '../../database/lists.js';
import type { EventChecks, LoggedEvent } from '../event-checks.js';
import type { History } from '../event-store.js';
import { withLogRetry } from './failures.js';
import { isStreamName } from '../serialised-append.js';

/**
 * Positions are text, because PGlite and pg disagree about bigint. JSON is text, because `toLoggedEvent` parses it
 * once.
 */
export interface EventRow {
  position: string;
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: string;
  metadata: string;
  recordedAt: string;
}

export interface EventTables {
  event: EventRow & { category: string };
}

/** The columns of an `EventRow` from a table called `e`. */
export const EVENT_COLUMNS: RawBuilder<EventRow> = sql`
  e.position::text as position, e.stream, e.revision, e.id::text as id, e.type, e.data::text as data, e.metadata::text as metadata,
  to_char(e.recorded_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "recordedAt"`;

export function toLoggedEvent(row: EventRow): LoggedEvent {
  return { ...row, data: JSON.parse(row.data) as unknown, metadata: JSON.parse(row.metadata) as unknown };
}

/** Binds whole numbers as one parameter. */
export function numbers(values: readonly number[]): RawBuilder<number[]> {
  return sql`${`{${values.join(',')}}`}::text::int[]`;
}

const MAX_STREAMS = 1_000;
const RETRY_FOR_MS = 100;

/** Reads whole streams. One query serves many callers. */
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
   * Gives each caller event objects of its own. Callers share their data and metadata and must not change them.
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
