import { sql } from 'kysely';
import type { Database } from '../../src/shared/database/database.js';

/** Makes a database refuse writes, as a standby does, or accept them again, for all its connections. */
export async function setReadOnly(database: Database, isReadOnly: boolean): Promise<void> {
  const state = sql.raw(isReadOnly ? 'on' : 'off');
  if (database.embedded) {
    // PGlite has one session, which all share.
    await sql`set default_transaction_read_only = ${state}`.execute(database.kysely());
    return;
  }
  await database.transaction(async (trx) => {
    await sql`set transaction read write`.execute(trx);
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(trx);
    await sql`alter database ${sql.id(rows[0]!.name)} set default_transaction_read_only = ${state}`.execute(trx);
  });
  // The connections must end, because open sessions keep the old setting.
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    database.kysely(),
  );
}
