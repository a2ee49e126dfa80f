import { OperationNodeTransformer, sql, type Kysely, type KyselyPlugin, type SchemableIdentifierNode } from 'kysely';

/** Names that a read model's own get while it is built beside the live one: `invitation@2`, `invitation_by_scope@2`. */
export function stagingName(name: string, version: number): string {
  return `${name}@${String(version)}`;
}

type Db = Kysely<Record<string, Record<string, unknown>>>;

/** Makes empty tables like the live ones, with the same indexes; removes what an earlier rebuild left. In one transaction. */
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

/** Puts the rebuilt tables in the place of the live ones, with the names that those had. In one transaction. */
export async function switchTables(trx: Db, tables: readonly string[], version: number): Promise<void> {
  for (const table of tables) {
    const indexes = await indexesOf(trx, table);
    await sql`drop table ${sql.table(table)}`.execute(trx);
    await sql`alter table ${sql.table(stagingName(table, version))} rename to ${sql.id(table)}`.execute(trx);
    for (const { name } of indexes)
      await sql`alter index ${sql.id(stagingName(name, version))} rename to ${sql.id(name)}`.execute(trx);
  }
}

/** Whether the live table still is what the shadow was made like: a newer version of the product may have changed it since. */
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

/** Lets what is written for the live tables act on the shadows: names of tables, wherever they aren't part of raw SQL. */
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
  /** Definition of the constraint that it is for. */
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

/** What follows the names in `CREATE INDEX name ON table USING …`. */
function using(definition: string): string {
  return definition.slice(definition.indexOf(' USING ') + ' USING '.length);
}

async function columnsOf(trx: Db, table: string): Promise<string> {
  const { rows } = await sql<{ columns: string }>`
    select coalesce(string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull), ', ' order by attname), '') as columns
    from pg_attribute where attrelid = ${quoted(table)}::regclass and attnum > 0 and not attisdropped`.execute(trx);
  return rows[0]?.columns ?? '';
}

/** Of any version. */
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
