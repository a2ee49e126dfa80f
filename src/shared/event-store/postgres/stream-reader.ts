import { sql, type Kysely } from 'kysely';
import type { StoredEvent } from '../event-store.js';
import { EVENT_COLUMNS, lines, toStoredEvent, type EventRow, type EventTables } from './event-rows.js';
import { persistently } from './failures.js';
import { Gatherer } from './gatherer.js';
import { isStreamName } from './serialised-append.js';

const MAX_STREAMS = 1_000;
const RETRY_FOR_MS = 100;

interface Waiting {
  stream: string;
  resolve: (rows: EventRow[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads whole streams, many callers' streams in one query. A query starts after the calls it answers, so each sees what was
 * stored before it.
 */
export class StreamReader {
  private readonly gatherer: Gatherer<Waiting>;

  constructor(
    private readonly db: Kysely<EventTables>,
    lanes: number,
  ) {
    this.gatherer = new Gatherer<Waiting>(
      lanes,
      (queue) => ({ batch: queue.slice(0, MAX_STREAMS), rest: queue.slice(MAX_STREAMS) }),
      (batch) => this.settle(batch),
    );
  }

  /** Each caller has its own events, also when several asked for the same stream. @throws EventStoreUnavailable */
  async read(streams: readonly string[]): Promise<Map<string, StoredEvent[]>> {
    const asked = [...new Set(streams)];
    const answers = asked.filter(isStreamName).map((stream) => {
      const { promise, resolve, reject } = Promise.withResolvers<EventRow[]>();
      return { waiting: { stream, resolve, reject }, promise };
    });
    if (answers.length > 0) this.gatherer.add(answers.map(({ waiting }) => waiting));
    const found = new Map<string, StoredEvent[]>(asked.map((stream) => [stream, []]));
    const rows = await Promise.all(answers.map(({ promise }) => promise));
    answers.forEach(({ waiting }, n) => found.set(waiting.stream, (rows[n] ?? []).map(toStoredEvent)));
    return found;
  }

  private async settle(batch: Waiting[]): Promise<void> {
    try {
      const rows = await persistently(RETRY_FOR_MS, () => this.query([...new Set(batch.map(({ stream }) => stream))]));
      const byStream = Map.groupBy(rows, ({ stream }) => stream);
      for (const { stream, resolve } of batch) resolve(byStream.get(stream) ?? []);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  private async query(streams: string[]): Promise<EventRow[]> {
    const { rows } = await sql<EventRow>`
      select ${EVENT_COLUMNS} from event e where e.stream = any(${lines(streams)}) order by e.stream, e.revision`.execute(this.db);
    return rows;
  }
}
