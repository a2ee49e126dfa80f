import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import type { Sorting } from '../../../shared/http/lists/sorting.js';
import { countUpToMost } from '../../../shared/http/lists/totals.js';

/** The rows that a list shows: those of a read model, in some scopes, that meet every condition. */
export interface RowsOfScopes {
  table: string;
  scopeColumn: string;
  scopeIds: readonly string[];
  where: readonly RawBuilder<boolean>[];
  /** A join that a condition or the order needs. */
  join?: RawBuilder<unknown> | undefined;
}

/** A page of a list, as the call asks for it. */
export interface PageCall {
  limit: number;
  /** The condition for rows after the cursor; null for the first page. */
  after: RawBuilder<boolean> | null;
  /** `true`: the answer counts the whole list. */
  total?: 'true' | 'false' | undefined;
  /** The count stops here; default `MOST_COUNTED`. */
  countUpTo?: number | undefined;
  /** Changes a row's id for the cursor. */
  shownId?: ((id: string) => string) | undefined;
}

/** Reads one page of the rows, and counts all of them if the call asks for it. */
export async function pageOfScopes<Row extends { id: string }, Name extends string>(
  database: Database,
  rows: RowsOfScopes,
  sorting: Sorting<Name>,
  { limit, after, total, countUpTo, shownId }: PageCall,
): Promise<CountedPage<Row & { sort_key: string }>> {
  const [{ rows: found }, counted] = await Promise.all([
    pageQuery(rows, sorting, limit, after).execute(database.kysely()),
    total === 'true' ? countUpToMost(database.kysely(), select(sql`1`, rows, inTheScopes(rows)), countUpTo) : undefined,
  ]);
  return { ...sorting.page(found as (Row & { sort_key: string })[], limit, shownId), ...counted };
}

/**
 * Of several scopes it reads at most a page each, in the order of an index. So the time depends on the number of
 * scopes, not on their rows. An order by person has no such index, because people are in a table of their own.
 */
export function pageQuery<Name extends string>(
  rows: RowsOfScopes,
  { key, order }: Sorting<Name>,
  limit: number,
  after: RawBuilder<boolean> | null,
): RawBuilder<unknown> {
  const table = sql.table(rows.table);
  const following = { ...rows, where: after ? [...rows.where, after] : rows.where };
  const page = sql`order by ${order} limit ${limit + 1}`;
  const columns = sql`${table}.*, ${key} as sort_key`;
  if (rows.join || rows.scopeIds.length === 1) return sql`${select(columns, following, inTheScopes(rows))} ${page}`;
  return sql`select ${table}.* from unnest(${uuids(rows.scopeIds)}) as place (place_id)
    cross join lateral (${select(columns, following, sql`${columnOf(rows)} = place.place_id`)} ${page}) as ${table} ${page}`;
}

function select(columns: RawBuilder<unknown>, rows: RowsOfScopes, scopes: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select ${columns} from ${sql.table(rows.table)} ${rows.join ?? sql``} where ${sql.join([scopes, ...rows.where], sql` and `)}`;
}

function inTheScopes(rows: RowsOfScopes): RawBuilder<unknown> {
  const [only, ...others] = rows.scopeIds;
  return others.length === 0 ? sql`${columnOf(rows)} = ${only}` : sql`${columnOf(rows)} = any(${uuids(rows.scopeIds)})`;
}

function columnOf({ table, scopeColumn }: RowsOfScopes): RawBuilder<unknown> {
  return sql.ref(`${table}.${scopeColumn}`);
}
