import { sql, type Kysely } from 'kysely';
import { uuids } from '../database/lists.js';
import type { StoredEvent } from '../event-sourcing/event-store.js';

/** Inside the batch's transaction. */
export type Transaction = Kysely<Record<string, Record<string, unknown>>>;

/** Turns facts into rows. Applied in order, exactly once; what it wrote must follow from the events alone, or from what `prepare` read. */
export interface Projection {
  /** Permanent: the checkpoint's key. */
  readonly name: string;
  /** Built anew when it is rebuilt, from the same events. Empty for a projection whose rows are no read model and must outlive a rebuild. */
  readonly tables: readonly string[];
  /** Event types it looks at; others only move its checkpoint. */
  readonly handles: readonly string[];
  /** Reads what `apply` will need, before the transaction opens: inside it nothing else may be awaited. */
  prepare?(events: readonly StoredEvent[]): Promise<unknown>;
  /** Names its tables by `sql.table`, never inside raw SQL: during a rebuild `trx` puts those that are built beside the live ones in their place. */
  apply(events: readonly StoredEvent[], trx: Transaction, prepared: unknown): Promise<void>;
}

interface RowProjectionOptions<Row extends { id: string }, Prepared> {
  name: string;
  table: string;
  handles: readonly string[];
  /** Event types before which there is no row: none is looked for. Of those `handles`; absent: none. */
  begins?: readonly string[];
  /** Whose row the event is about; null when it isn't about one. */
  key(event: StoredEvent): string | null;
  prepare?(events: readonly StoredEvent[]): Promise<Prepared>;
  /** The row after the event, `undefined` to leave things as they are. Pure. */
  evolve(row: Row | undefined, event: StoredEvent, prepared: Prepared): Row | undefined;
}

/** A read model that is a fold: each row follows from its events one by one. Two statements a batch at most, however many events it has. */
export function rowProjection<Row extends { id: string }, Prepared = undefined>(
  options: RowProjectionOptions<Row, Prepared>,
): Projection {
  return {
    name: options.name,
    tables: [options.table],
    handles: options.handles,
    ...(options.prepare ? { prepare: options.prepare.bind(options) } : {}),
    async apply(events, trx, prepared) {
      const going = events.filter(({ type }) => !options.begins?.includes(type));
      const keys = new Set(going.map((event) => options.key(event)).filter((key) => key !== null));
      const rows = await rowsById<Row>(trx, options.table, [...keys]);
      const changed = new Set<string>();
      for (const event of events) {
        const key = options.key(event);
        if (key === null) continue;
        const row = options.evolve(rows.get(key), event, prepared as Prepared);
        if (!row || row === rows.get(key)) continue;
        rows.set(key, row);
        changed.add(key);
      }
      await upsert(
        trx,
        options.table,
        [...changed].map((key) => rows.get(key)).filter((row) => row !== undefined),
      );
    },
  };
}

async function rowsById<Row extends { id: string }>(
  trx: Transaction,
  table: string,
  ids: string[],
): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ row: Row }>`select to_json(t) as row from ${sql.table(table)} t
    where id = any(${uuids(ids)})`.execute(trx);
  return new Map(rows.map(({ row }) => [row.id, row]));
}

/** Rows as one JSON parameter: the same statement for one row and for five hundred, on both drivers. */
async function upsert(trx: Transaction, table: string, rows: readonly object[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).filter((column) => column !== 'id');
  const assignments = sql.join(columns.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`));
  await sql`insert into ${sql.table(table)} select * from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)
    on conflict (id) do update set ${assignments}`.execute(trx);
}
