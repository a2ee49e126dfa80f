import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import type { EntryRow } from '../fold/history-entry.js';
import { INTERNAL } from '../fold/kinds.js';

/** Which entries a reader asks for. Ids are stored ids. */
export interface EntryFilter {
  actors?: readonly string[] | undefined;
  subjects?: readonly string[] | undefined;
  correlations?: readonly string[] | undefined;
  kinds?: readonly string[] | undefined;
  /** Entries after this time and up to that one: ISO UTC. */
  from?: string | undefined;
  to?: string | undefined;
}

const COLUMNS = sql`number::float8 as number, organisation_number::float8 as organisation_number, event_id, position, stream, type,
  kind, data::text as data, organisation_id, scope_kind, scope_id, actor, subject, about, correlation, causation,
  to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as recorded_at,
  to_char(effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as effective_at`;

/**
 * Reads entries before a number, newest first. Each branch and each kind is read along an index of its own, and the
 * branches are merged.
 * @param branches conditions that no entry meets two of
 */
export async function readEntries(
  database: Database,
  branches: readonly RawBuilder<boolean>[],
  { actors, subjects, correlations, kinds, from, to }: EntryFilter,
  before: number | null,
  limit: number,
): Promise<EntryRow[]> {
  const conditions = [
    ...(before === null ? [] : [sql`number < ${before}::float8::bigint`]),
    ...(actors ? [sql`actor = any(${lines(actors)})`] : []),
    ...(subjects ? [sql`subject = any(${lines(subjects)}::uuid[])`] : []),
    ...(correlations ? [sql`correlation = any(${lines(correlations)})`] : []),
    ...(from === undefined ? [] : [sql`number > ${lastNumberAt(from)}`]),
    ...(to === undefined ? [] : [sql`number <= ${lastNumberAt(to)}`]),
  ];
  const ofKinds = kinds?.map((kind) => sql`kind = ${kind}`) ?? [sql`kind <> all(${lines(INTERNAL)})`];
  const parts = branches.flatMap((branch) =>
    ofKinds.map(
      (ofKind) => sql`(select * from history_entry where ${sql.join([branch, ofKind, ...conditions], sql` and `)}
        order by number desc limit ${limit})`,
    ),
  );
  const { rows } = await sql<Omit<EntryRow, 'data'> & { data: string }>`
    select ${COLUMNS} from (${sql.join(parts, sql` union all `)}) entry order by number desc limit ${limit}`.execute(
    database.kysely(),
  );
  return rows.map(withData);
}

/** Reads the entries of some types on streams, in the order of their numbers. */
export async function readStreams(
  database: Database,
  streams: Iterable<string>,
  types: readonly string[],
): Promise<EntryRow[]> {
  const names = [...streams];
  if (names.length === 0) return [];
  const { rows } = await sql<Omit<EntryRow, 'data'> & { data: string }>`
    select ${COLUMNS} from history_entry where stream = any(${lines(names)}) and type = any(${lines(types)})
    order by history_entry.number`.execute(database.kysely());
  return rows.map(withData);
}

function withData(row: Omit<EntryRow, 'data'> & { data: string }): EntryRow {
  return { ...row, data: JSON.parse(row.data) as EntryRow['data'] };
}

/**
 * The number of the last entry that counts at a time. It is read along the index of times, because the database would
 * look for a largest number along the numbers, through all later entries.
 */
function lastNumberAt(time: string): RawBuilder<unknown> {
  return sql`coalesce((select number from history_entry where effective_at <= ${time}::timestamptz
    order by effective_at desc, number desc limit 1), -1)`;
}
