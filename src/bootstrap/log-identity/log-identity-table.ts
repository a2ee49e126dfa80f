import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely } from 'kysely';
import { lines } from '../../shared/database/lists.js';

/**
 * Holds one row: the id of the log that this database belongs to. An export leaves it out, because each log has its own
 * id.
 */
export const LogIdentityTable = defineEntity({
  name: 'log_identity',
  properties: { only_row: p.boolean().primary().default(true), log_id: p.uuid() },
  checks: [{ name: 'log_identity_only_row_check', expression: 'only_row' }],
});
export type LogIdentityTables = InferKyselyDB<typeof LogIdentityTable>;

type Db = Kysely<LogIdentityTables>;

/** Returns null when the database has no log id yet. */
export async function recordedLogId(db: Db): Promise<string | null> {
  return (await db.selectFrom('log_identity').select('log_id').executeTakeFirst())?.log_id ?? null;
}

/**
 * Records the id unless the database has one.
 * @returns the recorded id; two concurrent calls both get the id of the first
 */
export async function recordLogId(db: Db, logId: string): Promise<string> {
  await db
    .insertInto('log_identity')
    .values({ only_row: true, log_id: logId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const recorded = await recordedLogId(db);
  if (recorded === null) throw new TypeError('the id of the log was not recorded');
  return recorded;
}

/** Records the id and replaces any other. */
export async function replaceLogId(db: Db, logId: string): Promise<void> {
  await db
    .insertInto('log_identity')
    .values({ only_row: true, log_id: logId })
    .onConflict((conflict) => conflict.column('only_row').doUpdateSet({ log_id: logId }))
    .execute();
}

/**
 * Tells whether one of these persons is recorded.
 * @param personIds null: any person
 */
export async function isAnybodyRecorded(db: Db, personIds: readonly string[] | null): Promise<boolean> {
  const asked = personIds === null ? sql`` : sql`where id::text = any(${lines(personIds)})`;
  const { rows } = await sql<{ found: boolean }>`select exists (select from person ${asked}) as found`.execute(db);
  return rows[0]?.found ?? false;
}
