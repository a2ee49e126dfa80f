import { sql, type Kysely, type RawBuilder } from 'kysely';
import { readHashChain, type HashChainWriter } from './hash-chained-ndjson.js';
import type { OnProgress } from './event-file.js';
import { ImportRefused } from './import-events.js';

/** What a people file's header says it holds. */
export const PEOPLE_FILE = 'people';

/**
 * Tables that no log can give again, and the column their rows are told apart by: people and their keys, accounts, what was sent, calls that may be repeated.
 * A migration may add columns with defaults to them: files of versions before are still imported.
 */
export const TRANSFER_TABLES: ReadonlyMap<string, string> = new Map([
  ['person', 'id'],
  ['installation_key', 'name'],
  ['account_user', 'id'],
  ['account_credential', 'id'],
  ['account_session', 'id'],
  ['account_verification', 'id'],
  ['provisional_account', 'id'],
  ['outbox', 'key'],
  ['idempotent_call', 'id'],
]);
const PAGE = 1_000;

type Db = Kysely<unknown>;

/** A row, as PostgreSQL writes it as JSON. */
interface TransferRow {
  table: string;
  row: Record<string, unknown>;
}

/** Every row that is to be kept, table by table, a page at a time. */
async function* pagesOf(db: Db): AsyncGenerator<TransferRow[], void, undefined> {
  for (const [table, key] of TRANSFER_TABLES) {
    let after: string | null = null;
    for (let full = true; full;) {
      const rows: Record<string, unknown>[] = await page(db, table, key, after);
      if (rows.length > 0) yield rows.map((row) => ({ table, row }));
      after = String(rows.at(-1)?.[key]);
      full = rows.length === PAGE;
    }
  }
}

async function page(db: Db, table: string, key: string, after: string | null): Promise<Record<string, unknown>[]> {
  const rest = after === null ? sql`` : sql`where ${sql.ref(key)} > ${after}`;
  const { rows } = await sql<{
    row: string;
  }>`select row_to_json(t)::text as row from ${sql.table(table)} t ${rest} order by ${sql.ref(key)} limit ${PAGE}`.execute(
    db,
  );
  return rows.map(({ row }) => JSON.parse(row) as Record<string, unknown>);
}

/** @returns how many rows */
export async function writeRows(db: Db, file: HashChainWriter, onProgress: OnProgress): Promise<number> {
  let done = 0;
  for await (const rows of pagesOf(db)) {
    await file.write(rows);
    done += rows.length;
    onProgress(done);
  }
  return done;
}

/**
 * Takes over a file's rows, in the caller's transaction. Rows that are there already, from an earlier attempt, stay; any others are somebody
 * else's. @throws ImportRefused, DamagedFile
 */
export async function importRows(trx: Db, path: string, onProgress: OnProgress): Promise<number> {
  const counts = new Map([...TRANSFER_TABLES.keys()].map((table) => [table, 0]));
  let done = 0;
  for await (const rows of pagesIn(path)) {
    for (const [table, some] of Map.groupBy(rows, (kept) => kept.table)) {
      const columns = columnsOf(some, await columnsIn(trx, table));
      const names = sql.join(columns.map((column) => sql.ref(column)));
      await sql`insert into ${sql.table(table)} (${names}) select ${names} from ${recordset(table, asJson(some))} on conflict do nothing`.execute(
        trx,
      );
      const [difference] = await differing(trx, table, some);
      if (difference !== undefined)
        throw new ImportRefused(`the database holds another row ${difference} in ${table}: import into an empty one`);
      counts.set(table, (counts.get(table) ?? 0) + some.length);
    }
    done += rows.length;
    onProgress(done);
  }
  for (const [table, expected] of counts) {
    const actual = await count(trx, table);
    if (actual !== expected)
      throw new ImportRefused(
        `the database holds ${String(actual)} rows in ${table} instead of ${String(expected)}: it isn't empty, or in use`,
      );
  }
  return done;
}

/** How the database's rows differ from the file's: table and key of the first ones, and nothing of anybody; empty: not at all. */
export async function compareRows(db: Db, path: string): Promise<string[]> {
  const differences: string[] = [];
  const counts = new Map([...TRANSFER_TABLES.keys()].map((table) => [table, 0]));
  for await (const rows of pagesIn(path)) {
    for (const [table, some] of Map.groupBy(rows, (kept) => kept.table)) {
      differences.push(
        ...(await differing(db, table, some)).map((key) => `row ${key} of ${table} differs or is missing`),
      );
      counts.set(table, (counts.get(table) ?? 0) + some.length);
    }
  }
  for (const [table, expected] of counts) {
    const actual = await count(db, table);
    if (actual !== expected)
      differences.push(`${table} has ${String(actual)} rows in the database, ${String(expected)} in the file`);
  }
  return differences;
}

async function* pagesIn(path: string): AsyncGenerator<TransferRow[], void, undefined> {
  let rows: TransferRow[] = [];
  for await (const { text } of readHashChain(path, PEOPLE_FILE)) {
    const { table, row } = JSON.parse(text) as TransferRow;
    if (!TRANSFER_TABLES.has(table))
      throw new ImportRefused(`the file holds rows of a table that is not moved: ${table}`);
    rows.push({ table, row });
    if (rows.length < PAGE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** Keys of the rows that the table doesn't hold as they are here. Columns that the file's version didn't have count for nothing. */
async function differing(db: Db, table: string, kept: readonly TransferRow[]): Promise<string[]> {
  const key = sql.ref(TRANSFER_TABLES.get(table) ?? '');
  const columns = columnsOf(kept, await columnsIn(db, table));
  const fields = (of: string) => sql.join(columns.map((column) => sql.ref(`${of}.${column}`)));
  const { rows } = await sql<{ key: string }>`
    select file.${key}::text as key from ${recordset(table, asJson(kept))} file left join ${sql.table(table)} own using (${key})
    where own.${key} is null or row(${fields('own')})::text is distinct from row(${fields('file')})::text limit 10`.execute(
    db,
  );
  return rows.map((row) => row.key);
}

/** The columns that the file's rows have, all the same ones. @throws ImportRefused when the table lacks one */
function columnsOf(kept: readonly TransferRow[], there: readonly string[]): string[] {
  const columns = [...new Set(kept.flatMap(({ row }) => Object.keys(row)))];
  const unknown = columns.find((column) => !there.includes(column));
  if (unknown !== undefined)
    throw new ImportRefused(
      `the file's rows of ${kept[0]?.table ?? ''} have a column that this version doesn't know: ${unknown}`,
    );
  return columns;
}

async function columnsIn(db: Db, table: string): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select attname as name from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

async function count(db: Db, table: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*)::text as count from ${sql.table(table)}`.execute(db);
  return Number(rows[0]?.count);
}

function asJson(rows: readonly TransferRow[]): string {
  return JSON.stringify(rows.map(({ row }) => row));
}

function recordset(table: string, json: string): RawBuilder<unknown> {
  return sql`json_populate_recordset(null::${sql.table(table)}, ${json}::json)`;
}
