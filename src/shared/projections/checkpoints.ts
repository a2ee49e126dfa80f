import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely } from 'kysely';
import type { Position } from '../event-store/event-store.js';

export const CheckpointTable = defineEntity({
  name: 'checkpoint',
  properties: {
    name: p.text().primary(),
    /** Everything up to here is applied; null at the very beginning. */
    position: p.text().nullable(),
    /** The event it stopped at, when it is paused. */
    paused_at: p.uuid().nullable(),
    /** Kind of error, never its text: that may quote a row. */
    error: p.text().nullable(),
  },
});
export type CheckpointTables = InferKyselyDB<typeof CheckpointTable>;

export interface Checkpoint {
  name: string;
  position: Position | null;
  pausedAt: string | null;
  error: string | null;
}

type Db = Kysely<CheckpointTables>;

/** Makes the checkpoints that don't exist yet. */
export async function registerCheckpoints(db: Db, names: readonly string[]): Promise<void> {
  const rows = names.map((name) => ({ name, position: null, paused_at: null, error: null }));
  await db.insertInto('checkpoint').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

export async function readCheckpoints(db: Db, names: readonly string[], lock = false): Promise<Checkpoint[]> {
  const query = db.selectFrom('checkpoint').selectAll().where('name', 'in', names).orderBy('name');
  const rows = await (lock ? query.forUpdate() : query).execute();
  return rows.map((row) => ({ name: row.name, position: row.position, pausedAt: row.paused_at, error: row.error }));
}

export async function moveCheckpoints(db: Db, names: readonly string[], position: Position | null): Promise<void> {
  if (names.length > 0) await db.updateTable('checkpoint').set({ position }).where('name', 'in', names).execute();
}

export async function pauseCheckpoint(db: Db, name: string, eventId: string, error: string): Promise<void> {
  await db.updateTable('checkpoint').set({ paused_at: eventId, error }).where('name', '=', name).execute();
}

export async function unpauseCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set({ paused_at: null, error: null }).where('name', '=', name).execute();
}

/** Empties a projection's tables and sets it back to the beginning: to be called in one transaction. */
export async function resetProjection(db: Db, name: string, tables: readonly string[]): Promise<void> {
  await readCheckpoints(db, [name], true);
  for (const table of tables) await sql`delete from ${sql.table(table)}`.execute(db);
  await db.updateTable('checkpoint').set({ position: null, paused_at: null, error: null }).where('name', '=', name).execute();
}
