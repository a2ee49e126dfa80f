import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { waitFor } from '../../support/wait-for.js';
import { appendEvents, countedIn, Counting, LoneRunner, startOver } from './runner-support.js';
import { unchecked } from '../../support/unchecked.js';

const FOREVER = 20_000;
const NAMES = ['list', 'other', 'without_tables'] as const;

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** A projection without tables, like that of the outbox, whose table is no read model. */
class WithoutTables extends Counting {
  override readonly tables: readonly string[] = [];
}

describeOnEveryEngine('a projection ahead of the log', (engine) => {
  let place: TestDatabase;
  let store: PostgresEventStore;
  let runner: LoneRunner;
  let stored: { id: string; position: number }[];
  let tests = 0;
  let type: string;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
    store = new PostgresEventStore(place.database, { pollEveryMs: 20, checks: unchecked() });
  });
  beforeEach(async () => {
    tests += 1;
    type = `Counted${String(tests)}`;
    await startOver(place.database, NAMES);
    stored = await append(3);
    await start();
    await runner.caughtUp(FOREVER);
  });
  afterEach(async () => {
    await runner.stop();
  });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  async function start(): Promise<void> {
    runner = new LoneRunner(store, place.database);
    for (const projection of [
      new Counting('list', type),
      new Counting('other', type),
      new WithoutTables('without_tables', type),
    ])
      runner.register(projection);
    await runner.start();
  }

  const append = async (count: number) => appendEvents(store, count, type);
  const counted = async (name: (typeof NAMES)[number]): Promise<number[]> => countedIn(place.database, name);
  const positions = (events = stored): number[] => events.map(({ position }) => position);
  const statusOf = async (name: string) => (await runner.status()).find((one) => one.name === name)!;
  const paused = async (name: string) => waitFor(`${name} paused`, async () => (await statusOf(name)).error ?? false);

  /** Restarts with these projections at a position, as if the log came from an older backup than the read models. */
  async function restartAt(position: string, ...names: string[]): Promise<void> {
    await runner.stop();
    for (const name of names)
      await sql`update checkpoint set position = ${position} where name = ${name}`.execute(place.database.kysely());
    await start();
  }

  const ahead = (): string => String(stored.at(-1)!.position + 2);

  it('is paused alone and reports why, while the others go on', async () => {
    await restartAt(ahead(), 'list');
    expect(await paused('list')).toBe('CheckpointAhead');
    expect(await statusOf('list')).toMatchObject({ position: ahead(), pausedAt: null });
    const later = await append(4);
    expect(await runner.caughtUp(FOREVER)).toBe(true);
    expect([await counted('list'), await counted('other')]).toEqual([positions(), positions([...stored, ...later])]);
  });

  it('is not ahead at the very end of the log', async () => {
    await restartAt(String(stored.at(-1)!.position), 'list');
    const [later] = await append(1);
    expect(await runner.caughtUp(FOREVER)).toBe(true);
    expect(await counted('list')).toEqual([...positions(), later!.position]);
  });

  it('is not resumed while it is ahead', async () => {
    await restartAt(ahead(), 'list');
    await paused('list');
    await expect(runner.resume('list')).rejects.toMatchObject({ code: 'checkpoint-ahead' });
    expect((await statusOf('list')).error).toBe('CheckpointAhead');
    // The log now reaches the projection's position again.
    await append(2);
    expect(await runner.resume('list')).toBe(true);
    const [later] = await append(1);
    await waitFor('the resumed projection', async () => (await counted('list')).includes(later!.position));
  });

  it('is repaired by a rebuild from the present log', async () => {
    await sql`insert into list (position) values (999)`.execute(place.database.kysely());
    await restartAt(ahead(), 'list');
    await paused('list');
    expect(await runner.rebuild('list')).toBe(true);
    await waitFor('the rebuild', async () => (await statusOf('list')).version === 2);
    expect(await statusOf('list')).toMatchObject({
      error: null,
      pausedAt: null,
      rebuild: null,
      position: String(stored.at(-1)!.position),
    });
    expect(await counted('list')).toEqual(positions());
    const [later] = await append(1);
    await waitFor('the next event', async () => (await counted('list')).includes(later!.position));
  });

  it('gets all events again when it has no tables, because its rows have keys of their own', async () => {
    expect(await runner.rebuild('without_tables')).toBe(false);
    await restartAt(ahead(), 'without_tables');
    await paused('without_tables');
    expect(await runner.rebuild('without_tables')).toBe(true);
    await waitFor('all events again', async () => (await counted('without_tables')).length === 2 * stored.length);
    expect((await statusOf('without_tables')).error).toBeNull();
  });

  it('is paused too when it stands at a position of another event store', async () => {
    await restartAt('C:17/P:17', 'list');
    expect(await paused('list')).toBe('PositionUnknown');
    await expect(runner.resume('list')).rejects.toMatchObject({ code: 'checkpoint-ahead' });
    await runner.rebuild('list');
    await waitFor('the rebuild', async () => (await statusOf('list')).version === 2);
    expect(await counted('list')).toEqual(positions());
  });

  it('is found when all projections are ahead, and each can be repaired', async () => {
    await restartAt(ahead(), ...NAMES);
    for (const name of NAMES) await paused(name);
    expect(await runner.reached(String(stored[0]!.position), 50)).toBe(false);
    for (const name of NAMES) await runner.rebuild(name);
    expect(await runner.caughtUp(FOREVER)).toBe(true);
    await waitFor('all rebuilds', async () =>
      (await runner.status()).every(({ error, rebuild }) => error === null && rebuild === null),
    );
    expect(await counted('list')).toEqual(positions());
  });
});
