import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql, type Kysely, type Selectable } from 'kysely';
import type { Place, Position, StoredEvent } from '../event-sourcing/event-store.js';

export const CheckpointTable = defineEntity({
  name: 'checkpoint',
  properties: {
    /** A projection's, or `name@version` of one that is being rebuilt. */
    name: p.text().primary(),
    /** Everything up to here is applied; null at the very beginning. */
    position: p.text().nullable(),
    /** The event that stands there. */
    event_id: p.uuid().nullable(),
    /** The position that `event_id` and what was seen belong to: a version before this one moves `position` alone. */
    event_position: p.text().nullable(),
    /** Somebody else's event: there is none of those followed between `position` and it. */
    seen_up_to: p.text().nullable(),
    seen_event_id: p.uuid().nullable(),
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
  /** Of the event at `position`; null: not known. */
  eventId: string | null;
  /** There is nothing to follow between `position` and this event of somebody else's. */
  seenUpTo: Place | null;
  pausedAt: string | null;
  error: string | null;
  version: number;
}

type Db = Kysely<CheckpointTables>;
type Row = CheckpointTables['checkpoint'];

const NOTHING_SEEN = { seen_up_to: null, seen_event_id: null };
const BEGINNING = {
  position: null,
  event_id: null,
  event_position: null,
  ...NOTHING_SEEN,
  paused_at: null,
  error: null,
};

/** Those that aren't paused. */
export function liveOnes<Some extends Checkpoint>(checkpoints: readonly Some[]): Some[] {
  return checkpoints.filter(({ error }) => error === null);
}

/** Makes the checkpoints that don't exist yet. */
export async function registerCheckpoints(db: Db, names: readonly string[]): Promise<void> {
  const rows = names.map((name) => ({ name, ...BEGINNING, version: 1 }));
  await db
    .insertInto('checkpoint')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function readCheckpoints(db: Db, names: readonly string[], lock = false): Promise<Checkpoint[]> {
  const query = db.selectFrom('checkpoint').selectAll().where('name', 'in', names).orderBy('name');
  const rows = await (lock ? query.forUpdate() : query).execute();
  return rows.map(toCheckpoint);
}

function toCheckpoint(row: { [Column in keyof Row]: Selectable<Row>[Column] }): Checkpoint {
  const { name, position, paused_at: pausedAt, error, version } = row;
  const isOfThisVersion = row.event_position === position;
  const seenUpTo =
    isOfThisVersion && row.seen_up_to !== null && row.seen_event_id !== null
      ? { position: row.seen_up_to, eventId: row.seen_event_id }
      : null;
  return { name, position, eventId: isOfThisVersion ? row.event_id : null, seenUpTo, pausedAt, error, version };
}

/** @param last the event that was handled last */
export async function moveCheckpoints(
  db: Db,
  names: readonly string[],
  { position, id }: Pick<StoredEvent, 'id' | 'position'>,
): Promise<void> {
  if (names.length > 0)
    await db
      .updateTable('checkpoint')
      .set({ position, event_id: id, event_position: position, ...NOTHING_SEEN })
      .where('name', 'in', names)
      .execute();
}

/** Remembers what was seen beyond the position, of those that still are at it. The position stays: it says what was handled. */
export async function markSeen(
  db: Db,
  names: readonly string[],
  position: Position | null,
  seen: Place,
): Promise<void> {
  await db
    .updateTable('checkpoint')
    .set({
      // An id of before belongs to another position.
      event_id: sql`case when event_position is not distinct from position then event_id end`,
      event_position: sql`position`,
      seen_up_to: seen.position,
      seen_event_id: seen.eventId,
    })
    .where('name', 'in', names)
    .where(sql<boolean>`position is not distinct from ${position}`)
    .execute();
}

/** @param eventId null when no event is to blame @param at only if it still is at this position */
export async function pauseCheckpoint(
  db: Db,
  name: string,
  eventId: string | null,
  error: string,
  at?: Position | null,
): Promise<void> {
  const pausing = db.updateTable('checkpoint').set({ paused_at: eventId, error }).where('name', '=', name);
  await (at === undefined ? pausing : pausing.where(sql<boolean>`position is not distinct from ${at}`)).execute();
}

export async function unpauseCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set({ paused_at: null, error: null }).where('name', '=', name).execute();
}

/** Back to the beginning, without a pause. */
export async function resetCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set(BEGINNING).where('name', '=', name).execute();
}

/** A read model that is being built beside the live one of this projection. */
export interface StagedCheckpoint extends Checkpoint {
  projection: string;
}

/** Of every read model that is being rebuilt. */
export async function readStagedCheckpoints(db: Db): Promise<StagedCheckpoint[]> {
  const rows = await db.selectFrom('checkpoint').selectAll().where('name', 'like', '%@%').orderBy('name').execute();
  return rows.map((row) => ({ ...toCheckpoint(row), projection: row.name.slice(0, row.name.indexOf('@')) }));
}

/** Asks for a rebuild: nothing when one is under way, a new one when that has stopped at an error. */
export async function requestStaging(db: Db, projection: string): Promise<void> {
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
export async function takeOver(db: Db, live: string, staged: Checkpoint): Promise<void> {
  const { position, eventId, version } = staged;
  await db
    .updateTable('checkpoint')
    .set({ ...BEGINNING, position, event_id: eventId, event_position: position, version })
    .where('name', '=', live)
    .execute();
  await db.deleteFrom('checkpoint').where('name', '=', staged.name).execute();
}
