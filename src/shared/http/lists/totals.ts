import { sql, type Kysely, type RawBuilder } from 'kysely';

/** Counts stop here, so that they take no longer with more rows. */
export const MOST_COUNTED = 10_000;

/** How many items a list has with its filters. */
export interface Total {
  total: number;
  /** True: the list has more items, which were not counted. */
  totalIsAtLeast: boolean;
}

/** Counts the rows of a query, up to `most`. @param rows a query of one row for each item, without limit */
export async function countUpToMost<Tables>(
  db: Kysely<Tables>,
  rows: RawBuilder<unknown>,
  most = MOST_COUNTED,
): Promise<Total> {
  const { rows: found } = await sql<{ counted: number }>`
    select count(*)::int as counted from (${rows} limit ${most + 1}) listed`.execute(db);
  const counted = found[0]?.counted ?? 0;
  return { total: Math.min(counted, most), totalIsAtLeast: counted > most };
}
