import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import type { EventStore, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { NotificationBus } from '../../../src/shared/cluster/notification-bus.js';
import { LeaderElection } from '../../../src/shared/cluster/leader-election.js';
import { Lags } from '../../../src/shared/projections/lags.js';
import type { Transaction } from '../../../src/shared/projections/projection.js';
import { ProcessManagerRunner } from '../../../src/shared/process-managers/process-manager-runner.js';
import { describeOnEveryEngine, openEventStore, type TestDatabase } from '../../support/engines.js';
import { rawLogOf } from '../../support/raw-log.js';
import { waitFor } from '../../support/wait-for.js';
import { appendNamed, Counting, failures, LoneRunner, startOver } from './runner-support.js';

const FOREVER = 20_000;
/** More events than one look ahead reads. */
const FOREIGN = 30;

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** Keeps ids, because the same place in the log may have another event later. */
class Ids extends Counting {
  override async apply(events: readonly StoredEvent[], trx: Transaction): Promise<void> {
    await sql`insert into ${sql.table(this.name)} (id) select json_array_elements_text(${JSON.stringify(events.map(({ id }) => id))}::json)::uuid`.execute(
      trx,
    );
  }
}

describeOnEveryEngine(
  'a read model on a log that was set back and has grown again',
  (engine) => {
    let place: TestDatabase;
    let store: EventStore;
    let runner: LoneRunner;
    let kept: string[];
    let lost: string[];
    let tests = 0;
    let type: string;
    beforeAll(async () => {
      place = await engine.openDatabase(ENTITIES);
      store = await openEventStore(place);
    });
    beforeEach(async () => {
      tests += 1;
      type = `Counted${String(tests)}`;
      await startOver(place.database, []);
      for (const name of ['list', 'other']) {
        await sql`drop table if exists ${sql.table(name)}`.execute(place.database.kysely());
        await sql`create table ${sql.table(name)} (n int generated always as identity, id uuid not null)`.execute(
          place.database.kysely(),
        );
      }
      [kept, lost] = [await append(2), await append(2)];
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

    const append = async (count: number, bytes = 0): Promise<string[]> =>
      appendNamed(store, count, type, { padding: '.'.repeat(bytes) });
    const idsIn = async (name: string): Promise<string[]> =>
      (
        await sql<{ id: string }>`select id from ${sql.table(name)} order by n`.execute(place.database.kysely())
      ).rows.map(({ id }) => id);
    const statusOf = async (name: string) => (await runner.status()).find((one) => one.name === name)!;
    const paused = async (name: string) => waitFor(`${name} paused`, async () => (await statusOf(name)).error ?? false);

    async function start(): Promise<void> {
      runner = new LoneRunner(store, place.database);
      for (const name of ['list', 'other']) runner.register(new Ids(name, type));
      await runner.start();
    }

    /**
     * Sets the log back to before `lost` and appends to it, as after a restored copy. @returns the ids stored instead
     */
    async function setBackAndGrow(bytes = 0): Promise<string[]> {
      await runner.stop();
      await place.setBack!(lost.length);
      const instead = await append(3, bytes);
      await start();
      return instead;
    }

    // Events of the same length stand at the same positions. Longer ones don't, so the old position is inside a record.
    it.each([0, 1000])('is paused and reports why, with events that are %s bytes longer', async (bytes) => {
      await setBackAndGrow(bytes);
      expect([await paused('list'), await paused('other')]).toEqual(['LogDiffers', 'LogDiffers']);
      await expect(runner.resume('list')).rejects.toMatchObject({ code: 'log-differs' });
      expect(await idsIn('list')).toEqual([...kept, ...lost]);
    });

    it('is rebuilt on request, and goes on', async () => {
      const instead = await setBackAndGrow(100);
      for (const name of ['list', 'other']) await paused(name);
      await runner.rebuild('list');
      await waitFor('the rebuild', async () => (await statusOf('list')).version === 2);
      expect(await statusOf('list')).toMatchObject({ error: null, eventId: instead.at(-1) });
      const later = await append(1);
      await waitFor('the next event', async () => (await idsIn('list')).includes(later[0]!));
      expect(await idsIn('list')).toEqual([...kept, ...instead, ...later]);
    });

    it('is rebuilt also when others have stored many events after ours', async () => {
      const instead = await setBackAndGrow(100);
      for (const name of ['list', 'other']) await paused(name);
      const raw = rawLogOf(place);
      for (let n = 0; n < FOREIGN; n += 1) await raw.put({ stream: `staff-${randomUUID()}`, type: 'Hired' });
      await raw.close();
      await runner.rebuild('list');
      await waitFor('the rebuild', async () => (await statusOf('list')).version === 2);
      expect(await idsIn('list')).toEqual([...kept, ...instead]);
    });

    it('is not checked after an earlier version changed only its checkpoint, until the next change', async () => {
      const [next] = await append(1);
      await runner.caughtUp(FOREVER);
      await runner.stop();
      await sql`update checkpoint set event_id = ${lost[0]}, event_position = ${String(0)}`.execute(
        place.database.kysely(),
      );
      await start();
      expect(await statusOf('list')).toMatchObject({ error: null, eventId: null });
      const later = await append(1);
      await waitFor('a move', async () => (await statusOf('list')).eventId === later[0]);
      expect(await idsIn('list')).toEqual([...kept, ...lost, next, ...later]);
    });

    it('restarts process managers from the start of the log', async () => {
      const seen: string[] = [];
      const notificationBus = new NotificationBus(place.database, failures);
      const react = async (): Promise<() => Promise<void>> => {
        const leaderElection = new LeaderElection(place.database, notificationBus, failures, randomUUID());
        const processManagers = new ProcessManagerRunner(store, place.database, leaderElection, failures);
        processManagers.register({
          name: 'remembering',
          handles: [type],
          react: async ({ id }) => {
            seen.push(id);
            return Promise.resolve();
          },
        });
        await processManagers.start();
        leaderElection.start();
        await waitFor(
          'all events',
          async () => (await processManagers.progress()).position === (await store.head(['staff'])),
        );
        return async () => leaderElection.stop();
      };
      await runner.stop();
      await (
        await react()
      )();
      expect(seen).toEqual([...kept, ...lost]);
      seen.length = 0;
      const instead = await setBackAndGrow();
      await runner.stop();
      await (
        await react()
      )();
      expect(seen).toEqual([...kept, ...instead]);
    });

    it('resets the checkpoint of process managers, also when none of their events is left', async () => {
      const notificationBus = new NotificationBus(place.database, failures);
      const withProcessManagers = async (
        during: (processManagers: ProcessManagerRunner) => Promise<unknown>,
      ): Promise<void> => {
        const leaderElection = new LeaderElection(place.database, notificationBus, failures, randomUUID());
        const processManagers = new ProcessManagerRunner(store, place.database, leaderElection, failures);
        processManagers.register({
          name: 'remembering',
          handles: [`${type}Rarely`],
          react: async () => Promise.resolve(),
        });
        await processManagers.start();
        leaderElection.start();
        await during(processManagers);
        await leaderElection.stop();
      };
      await runner.stop();
      await appendNamed(store, 1, `${type}Rarely`);
      await withProcessManagers(async (processManagers) =>
        waitFor(
          'all events',
          async () => (await processManagers.progress()).position === (await store.head(['staff'])),
        ),
      );
      await place.setBack!(1);
      await append(2, 1000);
      await withProcessManagers(async (processManagers) => {
        await waitFor('the beginning', async () => (await processManagers.progress()).position === null);
        expect([...(await new Lags(store).of([await processManagers.progress()])).values()]).toEqual([0]);
      });
    });

    // Only EventStoreDB can lose events while the product runs.
    if (engine.name === 'EventStoreDB fake') {
      it.each([0, 1000])(
        'is not replaced by a rebuild that read lost events, with events that are %s bytes longer',
        async (bytes) => {
          await place.database.transaction(async (reader) => {
            await sql`select from ${sql.table('list')} limit 1`.execute(reader);
            await runner.rebuild('list');
            await waitFor(
              'a rebuild that waits',
              async () => (await statusOf('list')).rebuild?.eventId === lost.at(-1),
            );
            await place.setBack!(lost.length);
            lost = await append(3, bytes);
            await paused('list');
          });
          await waitFor('the rebuild', async () => (await statusOf('list')).version === 2);
          expect(await idsIn('list')).toEqual([...kept, ...lost]);
        },
      );
    }
  },
  { alsoOnEventStoreDb: true },
);
