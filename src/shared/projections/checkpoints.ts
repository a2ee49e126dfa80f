import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { EventStore, Place, Position, StoredEvent } from '../event-sourcing/event-store.js';

export const CheckpointTable = defineEntity({
  name: 'checkpoint',
  properties: {
    /** A projection's name, or `name@version` for one that is being rebuilt. */
    name: p.text().primary(),
    /** Everything up to here is applied; null at the very beginning. */
    position: p.text().nullable(),
    /** The event at the position. */
    event_id: p.uuid().nullable(),
    /** The position that `event_id` and the `seen_` columns belong to. Older versions move `position` alone. */
    event_position: p.text().nullable(),
    /** A foreign event with nothing to follow between `position` and it. */
    seen_up_to: p.text().nullable(),
    seen_event_id: p.uuid().nullable(),
    /** The event that paused it; null when no event did. */
    paused_at: p.uuid().nullable(),
    /** The kind of error while it is paused, never its text, because that may quote a row. */
    error: p.text().nullable(),
    /** How many times it was built. */
    version: p.integer().default(1),
  },
});
export type CheckpointTables = InferKyselyDB<typeof CheckpointTable>;

export interface Checkpoint {
  name: string;
  position: Position | null;
  /** Id of the event at `position`; null: unknown. */
  eventId: string | null;
  /** A foreign event with nothing to follow between `position` and it. */
  seenUpTo: Place | null;
  pausedAt: string | null;
  error: string | null;
  version: number;
}

type Db = Kysely<CheckpointTables>;
type Row = CheckpointTables['checkpoint'];

const NOTHING_SEEN = { seen_up_to: null, seen_event_id: null };
const FIRST_ROW = {
  position: null,
  event_id: null,
  event_position: null,
  ...NOTHING_SEEN,
  paused_at: null,
  error: null,
};

/** Returns the checkpoints that aren't paused. */
export function liveOnes<Some extends Checkpoint>(checkpoints: readonly Some[]): Some[] {
  return checkpoints.filter(({ error }) => error === null);
}

/** Makes the checkpoints that don't exist yet. */
export async function registerCheckpoints(db: Db, names: readonly string[]): Promise<void> {
  const rows = names.map((name) => ({ name, ...FIRST_ROW, version: 1 }));
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

/** @param last the last handled event */
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

/**
 * Records the foreign event seen beyond the position, for checkpoints still at that position. The position stays,
 * because it says what was handled.
 */
export async function markSeen(
  db: Db,
  names: readonly string[],
  position: Position | null,
  seen: Place,
): Promise<void> {
  await db
    .updateTable('checkpoint')
    .set({
      // An id that an older version of the product stored may belong to another position.
      event_id: sql`case when event_position is not distinct from position then event_id end`,
      event_position: sql`position`,
      seen_up_to: seen.position,
      seen_event_id: seen.eventId,
    })
    .where('name', 'in', names)
    .where(sql<boolean>`position is not distinct from ${position}`)
    .execute();
}

/**
 * @param eventId null when no event is the cause
 * @param at pauses only if the checkpoint is still at this position
 */
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

/** Resets a checkpoint to the beginning and ends its pause. */
export async function resetCheckpoint(db: Db, name: string): Promise<void> {
  await db.updateTable('checkpoint').set(FIRST_ROW).where('name', '=', name).execute();
}

/** The checkpoint of a read model that is built beside this projection's live one. */
export interface StagedCheckpoint extends Checkpoint {
  projection: string;
}

/** Reads the checkpoints of all read models that are being rebuilt. */
export async function readStagedCheckpoints(db: Db): Promise<StagedCheckpoint[]> {
  const rows = await db.selectFrom('checkpoint').selectAll().where('name', 'like', '%@%').orderBy('name').execute();
  return rows.map((row) => ({ ...toCheckpoint(row), projection: row.name.slice(0, row.name.indexOf('@')) }));
}

/** Requests a rebuild. Does nothing while one runs, and starts another when the last one has stopped at an error. */
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

/** Makes the rebuilt read model the live one. The transaction must hold locks on both checkpoints. */
export async function takeOver(db: Db, live: string, staged: Checkpoint): Promise<void> {
  const { position, eventId, version } = staged;
  await db
    .updateTable('checkpoint')
    .set({ ...FIRST_ROW, position, event_id: eventId, event_position: position, version })
    .where('name', '=', live)
    .execute();
  await db.deleteFrom('checkpoint').where('name', '=', staged.name).execute();
}

/** The read model has seen events that the log lacks, because the two come from different backups. */
const AHEAD = 'CheckpointAhead';
/** The read model is at a position of another event store. */
const UNKNOWN = 'PositionUnknown';
/** The log has another event at the read model's position, because it was restored and has grown since. */
export const LOG_DIFFERS = 'LogDiffers';

/** The progress of a follower. */
export type Progress = Pick<Checkpoint, 'position' | 'seenUpTo'>;
/** The beginning of the log. */
export const BEGINNING: Progress = { position: null, seenUpTo: null };

/** Tells whether a checkpoint is paused because it and the log are inconsistent. */
export function isInconsistent({ error }: Checkpoint): boolean {
  return error === AHEAD || error === UNKNOWN || error === LOG_DIFFERS;
}

/** Compares the positions of checkpoints; null is before everything. */
export class Positions {
  constructor(private readonly store: Pick<EventStore, 'comparePositions' | 'lookAt'>) {}

  isAfter(a: Position | null, b: Position | null): boolean {
    if (a === null) return false;
    return b === null || this.store.comparePositions(a, b) > 0;
  }

  /** Returns the earliest progress of the checkpoints that aren't paused. */
  earliest(checkpoints: readonly Checkpoint[]): Progress {
    const live: readonly Progress[] = liveOnes(checkpoints);
    // For checkpoints at one position, the `seenUpTo` of any of them holds for all, because it describes the log.
    const isBefore = (one: Progress, other: Progress): boolean =>
      this.isAfter(other.position, one.position) || (one.position === other.position && other.seenUpTo === null);
    return live.reduce((least, one) => (isBefore(one, least) ? one : least), live[0] ?? BEGINNING);
  }

  /**
   * Returns the kind of inconsistency between this checkpoint and the log; null when there is none.
   * @throws EventStoreUnavailable
   */
  async inconsistent({ position, eventId }: Pick<Checkpoint, 'position' | 'eventId'>): Promise<string | null> {
    if (position === null) return null;
    try {
      const found = await this.store.lookAt(position);
      if (found.isBeyondEnd) return AHEAD;
      // A checkpoint of an older version has no event id, but it always stands at an event.
      return found.eventId === null || (eventId !== null && found.eventId !== eventId) ? LOG_DIFFERS : null;
    } catch (error) {
      if (error instanceof RangeError) return UNKNOWN;
      throw error;
    }
  }
}
