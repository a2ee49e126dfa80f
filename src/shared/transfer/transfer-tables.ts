import { sql, type Kysely, type RawBuilder } from 'kysely';
import { readHashChain, type HashChainWriter } from './hash-chained-ndjson.js';
import type { OnProgress } from './event-file.js';
import { ImportRefused } from './import-events.js';

/** The kind that a people file's header names. */
export const PEOPLE_FILE = 'people';

/**
 * The tables that no log can restore, each with its key column: people and their keys, accounts, the outbox, calls that
 * may be repeated.
 * A migration may add columns with defaults to them, so files of older versions are still imported.
 */
export const TRANSFER_TABLES: ReadonlyMap<string, string> = new Map([
  ['person', 'id'],
  ['installation_key', 'name'],
  ['account_user', 'id'],
  ['account_credential', 'id'],
  ['account_session', 'id'],
  ['account_verification', 'id'],
  ['provisional_account', 'id'],
  ['pending_password', 'id'],
  ['account_closing', 'id'],
  ['outbox', 'key'],
  ['idempotent_call', 'id'],
]);
const PAGE = 1_000;

type Db = Kysely<unknown>;

/** A row as PostgreSQL's JSON. */
interface TransferRow {
  table: string;
  row: Record<string, unknown>;
}

/** Yields every row of the transfer tables in pages, table by table. */
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

/** @returns the number of written rows */
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
 * Imports a file's rows in the caller's transaction. Rows of an earlier attempt stay. It refuses when the database
 * holds any other row.
 * @throws ImportRefused, DamagedFile
 */
export async function importRows(trx: Db, path: string, onProgress: OnProgress): Promise<number> {
  const counts = new Map([...TRANSFER_TABLES.keys()].map((table) => [table, 0]));
  let done = 0;
  for await (const rows of pagesIn(path)) {
    for (const [table, some] of Map.groupBy(rows, ({ table }) => table)) {
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

/**
 * Describes how the database's rows differ from the file's. It names table and key of the first ones, without personal
 * data; empty: equal.
 */
export async function compareRows(db: Db, path: string): Promise<string[]> {
  const differences: string[] = [];
  const counts = new Map([...TRANSFER_TABLES.keys()].map((table) => [table, 0]));
  for await (const rows of pagesIn(path)) {
    for (const [table, some] of Map.groupBy(rows, ({ table }) => table)) {
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
      throw new ImportRefused(`the file holds rows of a table that is not transferred: ${table}`);
    rows.push({ table, row });
    if (rows.length < PAGE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/**
 * Returns the keys of rows that the table lacks or holds differently. Ignores columns that the file's version didn't
 * have.
 */
async function differing(db: Db, table: string, transferRows: readonly TransferRow[]): Promise<string[]> {
  const key = sql.ref(TRANSFER_TABLES.get(table) ?? '');
  const columns = columnsOf(transferRows, await columnsIn(db, table));
  const fields = (of: string) => sql.join(columns.map((column) => sql.ref(`${of}.${column}`)));
  const { rows } = await sql<{ key: string }>`
    select file.${key}::text as key from ${recordset(table, asJson(transferRows))} file left join ${sql.table(table)} own using (${key})
    where own.${key} is null or row(${fields('own')})::text is distinct from row(${fields('file')})::text limit 10`.execute(
    db,
  );
  return rows.map((row) => row.key);
}

/**
 * Returns the columns of the file's rows, which all rows share.
 * @throws ImportRefused when the table lacks one
 */
function columnsOf(transferRows: readonly TransferRow[], there: readonly string[]): string[] {
  const columns = [...new Set(transferRows.flatMap(({ row }) => Object.keys(row)))];
  const unknown = columns.find((column) => !there.includes(column));
  if (unknown !== undefined)
    throw new ImportRefused(
      `the file's rows of ${transferRows[0]?.table ?? ''} have a column that this version doesn't know: ${unknown}`,
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
