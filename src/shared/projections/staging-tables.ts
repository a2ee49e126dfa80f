import { OperationNodeTransformer, sql, type Kysely, type KyselyPlugin, type SchemableIdentifierNode } from 'kysely';

/**
 * Names a read model's table or index while it is built beside the live one: `order@2`, `order_by_scope@2`.
 */
export function stagingName(name: string, version: number): string {
  return `${name}@${String(version)}`;
}

type Db = Kysely<Record<string, Record<string, unknown>>>;

/**
 * Makes empty tables with the indexes of the live ones, and removes those of an earlier rebuild. Needs a transaction.
 */
export async function makeStagingTables(trx: Db, tables: readonly string[], version: number): Promise<void> {
  for (const table of tables) {
    await dropStagingTables(trx, table);
    const staged = sql.table(stagingName(table, version));
    await sql`create table ${staged} (like ${sql.table(table)} including all excluding indexes)`.execute(trx);
    for (const { name, constraint, definition } of await indexesOf(trx, table)) {
      const own = sql.id(stagingName(name, version));
      if (constraint) await sql`alter table ${staged} add constraint ${own} ${sql.raw(constraint)}`.execute(trx);
      else
        await sql`${sql.raw(definition.startsWith('CREATE UNIQUE') ? 'create unique index' : 'create index')} ${own} on ${staged} using ${sql.raw(using(definition))}`.execute(
          trx,
        );
    }
  }
}

/** Replaces the live tables by the rebuilt ones and gives these their names. Needs a transaction. */
export async function switchTables(trx: Db, tables: readonly string[], version: number): Promise<void> {
  for (const table of tables) {
    const indexes = await indexesOf(trx, table);
    await sql`drop table ${sql.table(table)}`.execute(trx);
    await sql`alter table ${sql.table(stagingName(table, version))} rename to ${sql.id(table)}`.execute(trx);
    for (const { name } of indexes)
      await sql`alter index ${sql.id(stagingName(name, version))} rename to ${sql.id(name)}`.execute(trx);
  }
}

/**
 * Tells whether the live table still matches the staging table, because a newer version of the product may have changed
 * it.
 */
export async function isStillLike(trx: Db, table: string, version: number): Promise<boolean> {
  const staged = stagingName(table, version);
  const [ours, theirs] = [await columnsOf(trx, staged), await columnsOf(trx, table)];
  const [made, wanted] = [await indexesOf(trx, staged), await indexesOf(trx, table)];
  const names = (indexes: readonly Index[]): string =>
    indexes
      .map(({ name }) => name)
      .sort()
      .join();
  return (
    ours === theirs &&
    names(made) === names(wanted.map((index) => ({ ...index, name: stagingName(index.name, version) })))
  );
}

/** Redirects statements for the live tables to the staging tables. It replaces table names except in raw SQL. */
export function onStagingTables(trx: Db, tables: readonly string[], version: number): Db {
  return trx.withPlugin(new Renaming(new Map(tables.map((table) => [table, stagingName(table, version)]))));
}

class Renaming extends OperationNodeTransformer implements KyselyPlugin {
  constructor(private readonly names: ReadonlyMap<string, string>) {
    super();
  }

  transformQuery: KyselyPlugin['transformQuery'] = ({ node, queryId }) => this.transformNode(node, queryId);

  transformResult: KyselyPlugin['transformResult'] = async ({ result }) => Promise.resolve(result);

  protected override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
    const { identifier } = node;
    return { ...node, identifier: { ...identifier, name: this.names.get(identifier.name) ?? identifier.name } };
  }
}

interface Index {
  name: string;
  /** Definition of the constraint that the index belongs to. */
  constraint: string | null;
  definition: string;
}

async function indexesOf(trx: Db, table: string): Promise<Index[]> {
  const { rows } = await sql<Index>`
    select c.relname as name, pg_get_constraintdef(k.oid) as "constraint", pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
    where i.indrelid = ${quoted(table)}::regclass order by i.indexrelid`.execute(trx);
  return rows;
}

/** Returns what follows the names in `CREATE INDEX name ON table USING …`. */
function using(definition: string): string {
  return definition.slice(definition.indexOf(' USING ') + ' USING '.length);
}

async function columnsOf(trx: Db, table: string): Promise<string> {
  const { rows } = await sql<{ columns: string }>`
    select coalesce(string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull), ', ' order by attname), '') as columns
    from pg_attribute where attrelid = ${quoted(table)}::regclass and attnum > 0 and not attisdropped`.execute(trx);
  return rows[0]?.columns ?? '';
}

/** Drops the staging tables of every version. */
async function dropStagingTables(trx: Db, table: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select c.relname as name from pg_class c
    where c.relkind = 'r' and c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname like ${`${table}@%`}`.execute(
    trx,
  );
  for (const { name } of rows) await sql`drop table ${sql.table(name)}`.execute(trx);
}

function quoted(table: string): string {
  return `"${table}"`;
}
