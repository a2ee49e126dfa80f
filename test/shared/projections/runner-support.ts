import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import type { Database } from '../../../src/shared/database/database.js';
import { NotificationBus } from '../../../src/shared/cluster/notification-bus.js';
import { LeaderElection } from '../../../src/shared/cluster/leader-election.js';
import { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import {
  STREAM_DOES_NOT_EXIST,
  type EventStore,
  type JsonObject,
  type StoredEvent,
} from '../../../src/shared/event-sourcing/event-store.js';
import type { Projection, Transaction } from '../../../src/shared/projections/projection.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { WorkFailures } from '../../../src/shared/resilience/work-failures.js';

export const failures = new WorkFailures(new Clock());

/** Makes a table for a `Counting` projection. It may contain the same position twice. */
export async function makeCountingTable(database: Database, table: string): Promise<void> {
  await sql`create table ${sql.table(table)} (n int generated always as identity, position bigint not null)`.execute(
    database.kysely(),
  );
}

/**
 * Deletes every checkpoint and makes these tables anew, because one database serves many tests. Each test has a type of
 * event of its own.
 */
export async function startOver(database: Database, tables: readonly string[]): Promise<void> {
  await sql`delete from checkpoint`.execute(database.kysely());
  for (const table of tables) {
    await sql`drop table if exists ${sql.table(table)}`.execute(database.kysely());
    await makeCountingTable(database, table);
  }
}

/** The positions in the order in which they were recorded. */
export async function countedIn(database: Database, table: string): Promise<number[]> {
  const { rows } = await sql<{
    position: number;
  }>`select position::int as position from ${sql.table(table)} order by n`.execute(database.kysely());
  return rows.map(({ position }) => position);
}

/** A runner that always leads, because its lease is its own. */
export class LoneRunner extends ProjectionRunner {
  private readonly own: LeaderElection;

  constructor(store: EventStore, database: Database) {
    const notificationBus = new NotificationBus(database, failures);
    const leaderElection = new LeaderElection(database, notificationBus, failures, randomUUID());
    super(store, database, leaderElection, notificationBus, failures);
    this.own = leaderElection;
  }

  override async start(): Promise<void> {
    await super.start();
    this.own.start();
  }

  override async stop(): Promise<void> {
    await this.own.stop();
    await super.stop();
  }
}

/** Records the position of every event that it is shown. */
export class Counting implements Projection {
  readonly handles: readonly string[];
  readonly tables: readonly string[];
  /** The sizes of the batches that it was shown. */
  readonly batches: number[] = [];
  /** Runs in the middle of each batch's transaction. */
  meanwhile: () => Promise<unknown> = async () => Promise.resolve();
  /** The id of the event at which it throws. */
  poison: string | null = null;

  /** @param name also the name of its table */
  constructor(
    readonly name: string,
    type: string,
  ) {
    this.tables = [name];
    this.handles = [type];
  }

  async apply(events: readonly StoredEvent[], trx: Transaction): Promise<void> {
    this.batches.push(events.length);
    await this.meanwhile();
    for (const event of events) {
      if (event.id === this.poison) throw new RangeError('not this one');
    }
    const positions = JSON.stringify(events.map(({ position }) => Number(position)));
    await sql`insert into ${sql.table(this.name)} (position) select json_array_elements_text(${positions}::json)::bigint`.execute(
      trx,
    );
  }
}

/** Appends events one after the other, each on a stream of its own. @returns their ids */
export async function appendNamed(
  store: EventStore,
  count: number,
  type: string,
  data: JsonObject = {},
): Promise<string[]> {
  const ids = [];
  for (let n = 0; n < count; n += 1) ids.push(...(await appendAll(store, 1, type, data)).map(({ id }) => id));
  return ids;
}

/** Appends events at once, each on a stream of its own. @returns their ids, and their positions in PostgreSQL */
export async function appendEvents(
  store: EventStore,
  count: number,
  type: string,
): Promise<{ id: string; position: number }[]> {
  return (await appendAll(store, count, type, {})).map(({ id, position }) => ({ id, position: Number(position) }));
}

async function appendAll(
  store: EventStore,
  count: number,
  type: string,
  data: JsonObject,
): Promise<{ id: string; position: string }[]> {
  const appends = Array.from({ length: count }, () => {
    const event = {
      id: randomUUID(),
      type,
      data,
      metadata: {
        actor: 'system',
        organisationId: null,
        scope: PLATFORM,
        schemaVersion: 1,
        $correlationId: 'test',
        $causationId: 'test',
        commandId: 'test',
      },
    };
    return { stream: `staff-${randomUUID()}`, expectedRevision: STREAM_DOES_NOT_EXIST, events: [event] };
  });
  const outcomes = await store.appendMany(appends);
  return outcomes.map((outcome, n) => ({
    id: appends[n]!.events[0]!.id,
    position: outcome.ok ? outcome.position : '-1',
  }));
}
