import { sql, type RawBuilder } from 'kysely';
import type { LoggedEvent } from '../foreign.js';

/** All columns are text, because PGlite and pg disagree about bigint. JSON is parsed once, here. */
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
