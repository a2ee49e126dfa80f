import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely } from 'kysely';
import type { Position } from '../event-store/event-store.js';

export const CheckpointTable = defineEntity({
  name: 'checkpoint',
  properties: {
    /** A projection's, or `name@version` of one that is being rebuilt. */
    name: p.text().primary(),
    /** Everything up to here is applied; null at the very beginning. */
    position: p.text().nullable(),
    /** The event it stopped at, when an event is why it is paused. */
    paused_at: p.uuid().nullable(),
    /** Kind of error, never its text: that may quote a row. Set as long as it is paused. */
    error: p.text().nullable(),
    /** How many times it was built. */
    version: p.integer().default(1),
  },
});
export type CheckpointTables = InferKyselyDB<typeof CheckpointTable>;

export interface Checkpoint {
  name: string;
  position: Position | null;
  pausedAt: string | null;
  error: string | null;
  version: number;
}

type Db = Kysely<CheckpointTables>;

/** Those that aren't paused. */
export function liveOnes<Some extends Checkpoint>(checkpoints: readonly Some[]): Some[] {
  return checkpoints.filter(({ error }) => error === null);
}

/** Makes the checkpoints that don't exist yet. */
export async function registerCheckpoints(db: Db, names: readonly string[]): Promise<void> {
  const rows = names.map((name) => ({ name, position: null, paused_at: null, error: null, version: 1 }));
  await db.insertInto('checkpoint').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

export async function readCheckpoints(db: Db, names: readonly string[], lock = false): Promise<Checkpoint[]> {
  const query = db.selectFrom('checkpoint').selectAll().where('name', 'in', names).orderBy('name');
  const rows = await (lock ? query.forUpdate() : query).execute();
  return rows.map((row) => ({ name: row.name, position: row.position, pausedAt: row.paused_at, error: row.error, version: row.version }));
}

export async function moveCheckpoints(db: Db, names: readonly string[], position: Position | null): Promise<void> {
  if (names.length > 0) await db.updateTable('checkpoint').set({ position }).where('name', 'in', names).execute();
}

/** @param eventId null when no event is to blame @param at only if it still is at this position */
export async function pauseCheckpoint(db: Db, name: string, eventId: string | null, error: string, at?: Position | null): Promise<void> {
  const pausing = db.updateTable('checkpoint').set({ paused_at: eventId, error }).where('name', '=', name);
  await (at === undefined ? pausing : pausing.where(sql<boolean>`position is not distinct from ${at}`)).execute();
}

export async function unpauseCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set({ paused_at: null, error: null }).where('name', '=', name).execute();
}

/** Back to the beginning, without a pause. */
export async function resetCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set({ position: null, paused_at: null, error: null }).where('name', '=', name).execute();
}

/** A read model that is being built beside the live one of this projection. */
export interface Shadow extends Checkpoint {
  projection: string;
}

/** Of every read model that is being rebuilt. */
export async function readShadows(db: Db): Promise<Shadow[]> {
  const { rows } = await sql<Shadow>`select name, position, paused_at as "pausedAt", error, version, split_part(name, '@', 1) as projection
    from checkpoint where name like '%@%' order by name`.execute(db);
  return rows;
}

/** Asks for a rebuild: nothing when one is under way, a new one when that has stopped at an error. */
export async function requestShadow(db: Db, projection: string): Promise<void> {
  const prefix = `${projection}@`;
  await sql`
    with failed as (delete from checkpoint where starts_with(name, ${prefix}) and error is not null returning version)
    insert into checkpoint (name, version)
    select ${prefix} || version, version from (
      select 1 + greatest(live.version, (select max(version) from failed)) as version from checkpoint live where name = ${projection}
    ) next
    where not exists (select from checkpoint where starts_with(name, ${prefix}) and error is null)
    on conflict (name) do nothing`.execute(db);
}

/** The live one is from now on what was rebuilt. In the transaction that has both locked. */
export async function takeOver(db: Db, live: string, shadow: Checkpoint): Promise<void> {
  const { position, version } = shadow;
  await db.updateTable('checkpoint').set({ position, version, paused_at: null, error: null }).where('name', '=', live).execute();
  await db.deleteFrom('checkpoint').where('name', '=', shadow.name).execute();
}
