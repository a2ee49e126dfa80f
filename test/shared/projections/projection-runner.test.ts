import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import type { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import { TUNING } from '../../../src/shared/batching/tuning.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { waitFor } from '../../support/wait-for.js';
import { appendEvents, countedIn, Counting, LoneRunner, makeCountingTable } from './runner-support.js';
import { unchecked } from '../../support/unchecked.js';

const FOREVER = 20_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describeOnEveryEngine('the projection runner', (engine) => {
  let place: TestDatabase;
  let store: PostgresEventStore;
  let runners: ProjectionRunner[] = [];
  let test = 0;
  /** The names of this test's own projections and tables, and its own type of event. */
  let one: string;
  let other: string;
  let counting: string;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
    store = new PostgresEventStore(place.database, { pollEveryMs: 20, checks: unchecked() });
  });
  beforeEach(async () => {
    test += 1;
    [one, other, counting] = [`one_${String(test)}`, `other_${String(test)}`, `Counted${String(test)}`];
    for (const table of [one, other]) await makeCountingTable(place.database, table);
  });
  afterEach(async () => {
    await Promise.all(runners.map(async (runner) => runner.stop()));
    runners = [];
  });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  function runnerOf(...projections: Counting[]): ProjectionRunner {
    const runner = new LoneRunner(store, place.database);
    for (const projection of projections) runner.register(projection);
    runners.push(runner);
    return runner;
  }

  const append = async (count: number, through = store) => appendEvents(through, count, counting);
  const counted = async (table = one): Promise<number[]> => countedIn(place.database, table);
  const positions = (events: { position: number }[]): number[] => events.map(({ position }) => position);

  it('applies a long log in bounded batches, in order, each event once', async () => {
    const most = TUNING.projectionBatchEvents.value[place.database.mode];
    const stored = await append(2 * most + 1);
    const projection = new Counting(one, counting);
    const runner = runnerOf(projection);
    await runner.start();
    expect(await runner.caughtUp(FOREVER)).toBe(true);
    expect(await counted()).toEqual(positions(stored));
    expect(projection.batches.filter((size) => size > most)).toEqual([]);
    expect(projection.batches.length).toBeGreaterThanOrEqual(3);
    expect(await runner.status()).toEqual([
      {
        name: one,
        position: String(stored.at(-1)!.position),
        eventId: stored.at(-1)!.id,
        seenUpTo: null,
        pausedAt: null,
        error: null,
        version: 1,
        rebuild: null,
      },
    ]);
  });

  it('advances past events that no projection reads', async () => {
    const runner = runnerOf(new Counting(one, counting));
    await runner.start();
    const [other] = await appendEvents(store, 1, 'NobodyCares');
    expect(await runner.reached(String(other!.position), FOREVER)).toBe(true);
    expect(await counted()).toEqual([]);
  });

  it('goes on after a restart at its checkpoint', async () => {
    const before = await append(3);
    const first = runnerOf(new Counting(one, counting));
    await first.start();
    await first.caughtUp(FOREVER);
    await first.stop();
    const after = await append(3);
    const second = runnerOf(new Counting(one, counting));
    await second.start();
    await second.caughtUp(FOREVER);
    expect(await counted()).toEqual(positions([...before, ...after]));
  });

  it('brings a new projection up from the beginning, and shows the others no event twice', async () => {
    const before = await append(3);
    const first = runnerOf(new Counting(one, counting));
    await first.start();
    await first.caughtUp(FOREVER);
    await first.stop();
    const second = runnerOf(new Counting(one, counting), new Counting(other, counting));
    await second.start();
    await second.caughtUp(FOREVER);
    expect([await counted(one), await counted(other)]).toEqual([positions(before), positions(before)]);
  });

  it('pauses only the projection that throws, right before that event, and resumes it there on request', async () => {
    const bad = new Counting(one, counting);
    const stored = await append(7);
    bad.poison = stored[3]!.id;
    const runner = runnerOf(bad, new Counting(other, counting));
    await runner.start();
    await runner.caughtUp(FOREVER);
    const later = await append(2);
    await runner.caughtUp(FOREVER);
    expect([await counted(one), await counted(other)]).toEqual([
      positions(stored.slice(0, 3)),
      positions([...stored, ...later]),
    ]);
    expect(await runner.status()).toEqual([
      {
        name: one,
        position: String(stored[2]!.position),
        eventId: stored[2]!.id,
        seenUpTo: null,
        pausedAt: stored[3]!.id,
        error: 'RangeError',
        version: 1,
        rebuild: null,
      },
      {
        name: other,
        position: String(later[1]!.position),
        eventId: later[1]!.id,
        seenUpTo: null,
        pausedAt: null,
        error: null,
        version: 1,
        rebuild: null,
      },
    ]);

    bad.poison = null;
    expect(await runner.resume(one)).toBe(true);
    await waitFor('the paused projection', async () => (await counted(one)).length >= 9);
    expect(await counted(one)).toEqual(positions([...stored, ...later]));
    expect(await counted(other)).toEqual(positions([...stored, ...later]));
  });

  it('resumes and rebuilds nothing under an unknown name', async () => {
    const runner = runnerOf(new Counting(one, counting));
    await runner.start();
    expect([await runner.resume('none'), await runner.rebuild('none')]).toEqual([false, false]);
  });

  it('reports a position that was not reached in time, and refuses an invalid one', async () => {
    const runner = runnerOf(new Counting(one, counting));
    await runner.start();
    expect(await runner.reached('999999999', 1)).toBe(false);
    await expect(runner.reached('nonsense', 1)).rejects.toMatchObject({ name: 'RangeError' });
  });

  // PGlite has only one process.
  if (engine.name === 'PostgreSQL') {
    describe('with another instance on the same database', () => {
      let elsewhere: { database: Database; store: PostgresEventStore; runner: ProjectionRunner };
      beforeEach(async () => {
        const database = await Database.open({ url: place.url, entities: ENTITIES, migrations: MIGRATIONS });
        const itsStore = new PostgresEventStore(database, { pollEveryMs: 20, checks: unchecked() });
        elsewhere = { database, store: itsStore, runner: new LoneRunner(itsStore, database) };
      });
      afterEach(async () => {
        await elsewhere.runner.stop();
        await elsewhere.store.close();
        await elsewhere.database.close();
      });

      it('applies each event of both instances exactly once, and goes on when one of them stops', async () => {
        elsewhere.runner.register(new Counting(one, counting));
        const runner = runnerOf(new Counting(one, counting));
        await Promise.all([runner.start(), elsewhere.runner.start()]);
        const stored = (
          await Promise.all(
            Array.from({ length: 60 }, async (_, n) => append(1 + (n % 20), n % 2 ? store : elsewhere.store)),
          )
        ).flat();
        expect(await Promise.all([runner.caughtUp(FOREVER), elsewhere.runner.caughtUp(FOREVER)])).toEqual([true, true]);
        expect(await counted()).toEqual(positions(stored).sort((a, b) => a - b));

        await runner.stop();
        const later = await append(10);
        await elsewhere.runner.caughtUp(FOREVER);
        expect((await counted()).slice(-10)).toEqual(positions(later));
      });

      it('lets only one of them apply a batch, while the other waits and then finds it done', async () => {
        const [here, there] = [new Counting(one, counting), new Counting(one, counting)];
        const bothAtIt = async (): Promise<boolean> =>
          here.batches.length + there.batches.length > 1 || (await waitingForLocks()) > 0;
        for (const counter of [here, there]) counter.meanwhile = async () => waitFor('the other instance', bothAtIt);
        const stored = await append(1);
        elsewhere.runner.register(there);
        const runner = runnerOf(here);
        await Promise.all([runner.start(), elsewhere.runner.start()]);
        await Promise.all([runner.caughtUp(FOREVER), elsewhere.runner.caughtUp(FOREVER)]);
        expect(await counted()).toEqual(positions(stored));
        expect(here.batches.length + there.batches.length).toBe(1);
      });
    });
  }

  async function waitingForLocks(): Promise<number> {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(place.database.kysely());
    return rows[0]!.n;
  }
});
