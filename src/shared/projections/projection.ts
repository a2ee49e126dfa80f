import { sql, type Kysely } from 'kysely';
import { uuids } from '../database/lists.js';
import type { StoredEvent } from '../event-sourcing/event-store.js';
import { StreamId } from '../event-sourcing/stream-id.js';

/** A connection inside the batch's transaction. */
export type Transaction = Kysely<Record<string, Record<string, unknown>>>;

/**
 * Turns domain events into rows, in order and exactly once. The rows must follow from the events and from what
 * `prepare` read alone.
 */
export interface Projection {
  /** Permanent, because it is the checkpoint's key. */
  readonly name: string;
  /**
   * The tables that a rebuild makes again from the same events. Empty when the rows are no read model and must outlive
   * a rebuild.
   */
  readonly tables: readonly string[];
  /** The event types that it applies; others only move its checkpoint. Absent: every type, also one of a later version. */
  readonly handles?: readonly string[];
  /** The only category of streams whose events it applies; absent: every category. */
  readonly category?: string;
  /**
   * Reads what `apply` will need before the transaction opens, because `apply` may await nothing but its statements.
   */
  prepare?(events: readonly StoredEvent[]): Promise<unknown>;
  /**
   * Applies the events. It names its tables by `sql.table`, never inside raw SQL, because during a rebuild `trx`
   * replaces them by the staging tables.
   */
  apply(events: readonly StoredEvent[], trx: Transaction, prepared: unknown): Promise<void>;
}

/** Tells whether a projection applies events of this type. */
export function isHandled({ handles }: Pick<Projection, 'handles'>, type: string): boolean {
  return handles === undefined || handles.includes(type);
}

/** A projection that names its event types. */
export type SelectiveProjection = Projection & Required<Pick<Projection, 'handles'>>;

interface RowProjectionOptions<Row extends { id: string }, Prepared> {
  name: string;
  table: string;
  handles: readonly string[];
  /** Event types that begin a row, so no row is read for them. A subset of `handles`; absent: none. */
  begins?: readonly string[];
  category?: string;
  /** Returns the id of the row that the event is about; null when it is about none. Absent: the stream's UUID. */
  key?(event: StoredEvent): string | null;
  prepare?(events: readonly StoredEvent[]): Promise<Prepared>;
  /** Returns the row after the event, or `undefined` to leave the row as it is. Must be pure. */
  evolve(row: Row | undefined, event: StoredEvent, prepared: Prepared): Row | undefined;
}

/**
 * Makes a projection that computes each row from its events one by one. A batch of any size takes at most two
 * statements.
 */
export function rowProjection<Row extends { id: string }, Prepared = undefined>(
  options: RowProjectionOptions<Row, Prepared>,
): SelectiveProjection {
  const key = (event: StoredEvent): string | null =>
    options.key ? options.key(event) : StreamId.parse(event.stream).uuid;
  return {
    name: options.name,
    tables: [options.table],
    handles: options.handles,
    ...(options.category ? { category: options.category } : {}),
    ...(options.prepare ? { prepare: options.prepare.bind(options) } : {}),
    async apply(events, trx, prepared) {
      const own = events.filter(
        ({ stream }) => !options.category || StreamId.parse(stream).category === options.category,
      );
      const going = own.filter(({ type }) => !options.begins?.includes(type));
      const keys = new Set(going.map(key).filter((id) => id !== null));
      const rows = await rowsById<Row>(trx, options.table, [...keys]);
      const changed = new Set<string>();
      for (const event of own) {
        const id = key(event);
        if (id === null) continue;
        const row = options.evolve(rows.get(id), event, prepared as Prepared);
        if (!row || row === rows.get(id)) continue;
        rows.set(id, row);
        changed.add(id);
      }
      await upsert(
        trx,
        options.table,
        [...changed].map((id) => rows.get(id)).filter((row) => row !== undefined),
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

/** Passes the rows as one JSON parameter, so that one statement serves any number of rows on both drivers. */
async function upsert(trx: Transaction, table: string, rows: readonly object[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).filter((column) => column !== 'id');
  const assignments = sql.join(columns.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`));
  await sql`insert into ${sql.table(table)} select * from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)
    on conflict (id) do update set ${assignments}`.execute(trx);
}
