import { sql, type Kysely } from 'kysely';
import type { Database } from '../../database/database.js';
import { lines } from '../../database/lists.js';
import { WrongRevision, type RecordedEvent } from '../event-store.js';
import { numbers, type EventTables } from './stream-reader.js';
import { withLogRetry } from './failures.js';
import { serialise, type SerialisedEvent } from '../serialised-append.js';

const RETRY_FOR_MS = 5_000;
/** Stands for the position of a missing event, because no event has it. */
const LAST_POSITION = '9223372036854775807';

type ImportedEvent = Omit<RecordedEvent, 'data' | 'metadata'> & SerialisedEvent;

/**
 * Imports in one transaction under the lock that appends take. A repeated call finds its events stored.
 * Scalar sub-selects look positions up one by one, because a join without statistics would read the whole log for each
 * batch.
 * @throws WrongRevision
 */
export async function importEvents(database: Database, events: readonly RecordedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const imported = events.map((event) => ({ ...event, ...serialised(event) }));
  await withLogRetry(RETRY_FOR_MS, async () =>
    database.transaction<EventTables, void>(async (trx) => {
      await sql`select pg_advisory_xact_lock(7350001)`.execute(trx);
      // PostgreSQL may keep a plan for an empty table, which would scan the whole table once it is full.
      await sql`set local enable_seqscan = off`.execute(trx);
      await insert(trx, imported);
      await refuseMisplaced(trx, imported);
    }),
  );
}

function serialised(event: RecordedEvent): SerialisedEvent {
  const { events } = serialise({ stream: event.stream, expectedRevision: event.revision - 1, events: [event] });
  return events[0] as SerialisedEvent;
}

/** Skips events whose revision is stored already. */
async function insert(trx: Kysely<EventTables>, events: readonly ImportedEvent[]): Promise<void> {
  await sql`
    insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
    select (select coalesce(max(position), 0) from event) + row_number() over (order by e.n),
      e.stream, e.revision, e.id, e.type, e.data::json, e.metadata::json, e.recorded_at
    from unnest(
      ${lines(events.map(({ stream }) => stream))}, ${numbers(events.map(({ revision }) => revision))},
      ${lines(events.map(({ id }) => id))}::uuid[], ${lines(events.map(({ type }) => type))},
      ${lines(events.map(({ data }) => data))}, ${lines(events.map(({ metadata }) => metadata))},
      ${lines(events.map(({ recordedAt }) => recordedAt))}::timestamptz[]
    ) with ordinality e(stream, revision, id, type, data, metadata, recorded_at, n)
    where (select s.id from event s where s.stream = e.stream and s.revision = e.revision) is null
    order by e.n`.execute(trx);
}

/**
 * @throws WrongRevision for the first event whose revision holds another event, or that doesn't follow the stream's
 * previous one
 */
async function refuseMisplaced(trx: Kysely<EventTables>, events: readonly ImportedEvent[]): Promise<void> {
  const { rows } = await sql<{ n: number; actual: number }>`
    select e.n::int as n, coalesce((select max(s.revision) from event s where s.stream = e.stream and s.revision <> e.revision), -1) as actual
    from unnest(
      ${lines(events.map(({ stream }) => stream))}, ${numbers(events.map(({ revision }) => revision))}, ${lines(events.map(({ id }) => id))}::uuid[]
    ) with ordinality e(stream, revision, id, n)
    where not coalesce((select s.id = e.id from event s where s.stream = e.stream and s.revision = e.revision), false)
      or (e.revision > 0 and coalesce((select s.position from event s where s.stream = e.stream and s.revision = e.revision - 1), ${LAST_POSITION}::bigint)
        > (select s.position from event s where s.stream = e.stream and s.revision = e.revision))
    order by e.n limit 1`.execute(trx);
  const [misplaced] = rows;
  const event = events[(misplaced?.n ?? 0) - 1];
  if (misplaced && event) throw new WrongRevision(event.stream, event.revision - 1, misplaced.actual);
}
