import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { waitFor } from '../../support/wait-for.js';
import { appendEvents, countedIn, Counting, LoneRunner, startOver } from './runner-support.js';
import { unchecked } from '../../support/unchecked.js';

const FOREVER = 20_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describeOnEveryEngine('a rebuild beside the live read model', (engine) => {
  let place: TestDatabase;
  let store: PostgresEventStore;
  let runners: LoneRunner[] = [];
  let list: Counting;
  let other: Counting;
  let tests = 0;
  let type: string;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
    store = new PostgresEventStore(place.database, { pollEveryMs: 20, checks: unchecked() });
  });
  beforeEach(async () => {
    tests += 1;
    type = `Counted${String(tests)}`;
    await startOver(place.database, ['list', 'other']);
    await sql`create unique index list_by_position on list (position, n) where position > 0`.execute(
      place.database.kysely(),
    );
    [list, other] = [new Counting('list', type), new Counting('other', type)];
  });
  afterEach(async () => {
    await Promise.all(runners.map(async (runner) => runner.stop()));
    runners = [];
  });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  async function start(...projections: Counting[]): Promise<LoneRunner> {
    const runner = new LoneRunner(store, place.database);
    for (const projection of projections) runner.register(projection);
    runners.push(runner);
    await runner.start();
    return runner;
  }

  const append = async (count: number) => (await appendEvents(store, count, type)).map(({ position }) => position);
  const counted = async (table = 'list'): Promise<number[]> => countedIn(place.database, table);
  const statusOf = async (runner: LoneRunner) => (await runner.status()).find(({ name }) => name === 'list')!;
  const rebuilt = async (runner: LoneRunner, version = 2) =>
    waitFor(
      `version ${String(version)}`,
      async () => (await statusOf(runner)).version === version && (await statusOf(runner)).rebuild === null,
    );
  const stagingTables = async (): Promise<string[]> =>
    (
      await sql<{
        name: string;
      }>`select relname as name from pg_class where relname like '%@%' and relkind = 'r' order by 1`.execute(
        place.database.kysely(),
      )
    ).rows.map(({ name }) => name);

  it('replaces it after it has caught up, while other read models stay and new events come', async () => {
    const stored = await append(5);
    const runner = await start(list, other);
    await runner.caughtUp(FOREVER);
    await sql`update list set position = -1`.execute(place.database.kysely());
    expect(await runner.rebuild('list')).toBe(true);
    const later = await append(5);
    await rebuilt(runner);
    await runner.caughtUp(FOREVER);
    expect([await counted(), await counted('other')]).toEqual([
      [...stored, ...later],
      [...stored, ...later],
    ]);
    expect(await stagingTables()).toEqual([]);
    const last = await append(1);
    await runner.caughtUp(FOREVER);
    expect(await counted()).toEqual([...stored, ...later, ...last]);
  });

  it('leaves the live one visible until then, and shows its progress', async () => {
    await append(5);
    const runner = await start(list);
    await runner.caughtUp(FOREVER);
    await sql`update list set position = -1`.execute(place.database.kysely());
    let seen: unknown;
    list.meanwhile = async () => {
      if (engine.name === 'PGlite') return;
      seen ??= [await counted(), (await statusOf(runner)).rebuild];
    };
    await runner.rebuild('list');
    await rebuilt(runner);
    // PGlite can't answer a query in the middle of a transaction.
    if (engine.name === 'PostgreSQL')
      expect(seen).toEqual([
        [-1, -1, -1, -1, -1],
        expect.objectContaining({ name: 'list@2', version: 2, position: null, error: null }),
      ]);
    expect((await counted()).every((position) => position > 0)).toBe(true);
  });

  it('works for a read model without rows, and several times', async () => {
    const runner = await start(list);
    await runner.rebuild('list');
    await rebuilt(runner);
    const stored = await append(3);
    await runner.caughtUp(FOREVER);
    await runner.rebuild('list');
    await rebuilt(runner, 3);
    expect(await counted()).toEqual(stored);
  });

  it('ends while new events keep coming', async () => {
    const runner = await start(list, other);
    const work = { busy: true };
    const stored: number[] = [];
    const appending = (async () => {
      while (work.busy) stored.push(...(await append(20)));
    })();
    for (const version of [2, 3, 4]) {
      await runner.rebuild('list');
      await rebuilt(runner, version);
    }
    work.busy = false;
    await appending;
    await runner.caughtUp(FOREVER);
    expect(await counted()).toEqual(stored);
  });

  it('stops at an event that it can’t apply and leaves the live one alone, and begins anew on request', async () => {
    const stored = await append(4);
    const runner = await start(list);
    await runner.caughtUp(FOREVER);
    const {
      rows: [third],
    } = await sql<{ id: string }>`select id from event where position = ${stored[2]!}`.execute(place.database.kysely());
    list.poison = third!.id;
    await runner.rebuild('list');
    await waitFor('the error', async () => (await statusOf(runner)).rebuild?.error ?? false);
    expect(await statusOf(runner)).toMatchObject({
      error: null,
      version: 1,
      rebuild: { pausedAt: third!.id, error: 'RangeError', position: String(stored[1]) },
    });
    list.poison = null;
    const later = await append(1);
    await runner.caughtUp(FOREVER);
    expect(await counted()).toEqual([...stored, ...later]);
    await runner.rebuild('list');
    await rebuilt(runner, 3);
    expect([await counted(), await stagingTables()]).toEqual([[...stored, ...later], []]);
  });

  it('replaces a read model that is paused at an event', async () => {
    const stored = await append(4);
    const {
      rows: [third],
    } = await sql<{ id: string }>`select id from event where position = ${stored[2]!}`.execute(place.database.kysely());
    list.poison = third!.id;
    const runner = await start(list);
    await waitFor('the pause', async () => (await statusOf(runner)).error ?? false);
    list.poison = null;
    await runner.rebuild('list');
    await rebuilt(runner);
    await waitFor('all', async () => (await counted()).length === 4);
    expect([await counted(), (await statusOf(runner)).error]).toEqual([stored, null]);
  });

  it('begins anew when its instance ended half-way, and drops what was there', async () => {
    const stored = await append(1_200);
    const first = await start(list);
    await first.caughtUp(FOREVER);
    await first.stop();
    // A killed process leaves some rows and a checkpoint.
    const db = place.database.kysely();
    await sql`insert into checkpoint (name, version, position) values ('list@2', 2, ${String(stored[699])})`.execute(
      db,
    );
    await sql`create table "list@2" (like list including all)`.execute(db);
    await sql`insert into "list@2" (position) select 7 from generate_series(1, 10)`.execute(db);
    const second = await start(list);
    await rebuilt(second);
    expect([await counted(), await stagingTables()]).toEqual([stored, []]);
  });

  it('keeps names and definitions of indexes', async () => {
    const indexes = async (): Promise<unknown> =>
      (
        await sql`select indexname, indexdef from pg_indexes where tablename = 'list' order by 1`.execute(
          place.database.kysely(),
        )
      ).rows;
    const before = await indexes();
    const runner = await start(list);
    await runner.rebuild('list');
    await rebuilt(runner);
    expect(await indexes()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  // PGlite has one connection, so no change can come between.
  if (engine.name === 'PostgreSQL') {
    it('begins anew when the live table changed meanwhile, so that no column or index is lost', async () => {
      await append(3);
      const runner = await start(list);
      await runner.caughtUp(FOREVER);
      let changed = false;
      list.meanwhile = async () => {
        if (changed) return;
        changed = true;
        await sql`alter table list add column added int`.execute(place.database.kysely());
      };
      await runner.rebuild('list');
      await rebuilt(runner);
      const { rows } = await sql`select added from list`.execute(place.database.kysely());
      expect([changed, rows.length]).toEqual([true, 3]);
    });

    it('is done once by two instances, and by neither while a reader holds the table', async () => {
      const stored = await append(2_500);
      const [one, two] = [
        await start(list, other),
        await start(new Counting('list', type), new Counting('other', type)),
      ];
      await Promise.all([one.caughtUp(FOREVER), two.caughtUp(FOREVER)]);
      let later: number[] = [];
      await place.database.transaction(async (reader) => {
        await sql`select * from list limit 1`.execute(reader);
        await one.rebuild('list');
        later = await append(100);
        await waitFor(
          'the staging tables',
          async () => (await statusOf(one)).rebuild?.position === String(later.at(-1)),
        );
        expect(await counted()).toHaveLength(stored.length + later.length);
        expect((await statusOf(one)).version).toBe(1);
      });
      await rebuilt(two);
      await Promise.all([one.caughtUp(FOREVER), two.caughtUp(FOREVER)]);
      expect([await counted(), await counted('other')]).toEqual([
        [...stored, ...later],
        [...stored, ...later],
      ]);
    });

    it('never shows an empty or half-filled table to a reader', async () => {
      await append(3_000);
      const runner = await start(list);
      await runner.caughtUp(FOREVER);
      const work = { busy: true };
      const sizes = new Set<number>();
      const reading = Array.from({ length: 4 }, async () => {
        while (work.busy) sizes.add((await counted()).length);
      });
      for (const version of [2, 3, 4]) {
        await runner.rebuild('list');
        await rebuilt(runner, version);
      }
      work.busy = false;
      await Promise.all(reading);
      expect([...sizes]).toEqual([3_000]);
    });
  }
});
