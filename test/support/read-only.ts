import { sql } from 'kysely';
import type { Database } from '../../src/shared/database/database.js';

/** A database that takes no writes, as after a failover to a standby, or takes them again: for all who are connected to it, this handle included. */
export async function setReadOnly(database: Database, isReadOnly: boolean): Promise<void> {
  const state = sql.raw(isReadOnly ? 'on' : 'off');
  if (database.embedded) {
    // All share its one session.
    await sql`set default_transaction_read_only = ${state}`.execute(database.kysely());
    return;
  }
  await database.transaction(async (trx) => {
    await sql`set transaction read write`.execute(trx);
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(trx);
    await sql`alter database ${sql.id(rows[0]!.name)} set default_transaction_read_only = ${state}`.execute(trx);
  });
  // What is connected keeps what it began with.
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    database.kysely(),
  );
}
