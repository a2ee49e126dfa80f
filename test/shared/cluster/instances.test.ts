import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { NotificationBus } from '../../../src/shared/cluster/notification-bus.js';
import { LeaderElection } from '../../../src/shared/cluster/leader-election.js';
import { LeaderWatch } from '../../../src/shared/cluster/leader-watch.js';
import { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { WorkFailures } from '../../../src/shared/resilience/work-failures.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { waitFor } from '../../support/wait-for.js';
import { appendEvents, countedIn, Counting, makeCountingTable } from '../projections/runner-support.js';
import { Instance } from './instances-support.js';
import { unchecked } from '../../support/unchecked.js';

const failures = new WorkFailures(new Clock());

const LISTENING = "query ~* '^listen|pg_notify'";
const NEVER_POLL = { pollEveryMs: 2 ** 30 };

beforeAll(() => {
  Logger.overrideLogger(false);
});

describeOnEveryEngine('instances on one database', (engine) => {
  let place: TestDatabase;
  let instances: Instance[];
  beforeEach(async () => {
    place = await engine.openDatabase(ENTITIES);
    instances = [];
  });
  afterEach(async () => {
    await Promise.all(instances.map(async (one) => one.close()));
    await place.close();
  });

  if (engine.name === 'PGlite') {
    it('the only instance of an embedded database leads at once, and neither writes nor listens for that', async () => {
      const notificationBus = new NotificationBus(place.database, failures);
      const leaderElection = new LeaderElection(place.database, notificationBus, failures);
      let began = 0;
      leaderElection.whileLeader(async () => {
        began += 1;
        return Promise.resolve();
      });
      notificationBus.start();
      leaderElection.start();
      expect([leaderElection.isLeader, began]).toEqual([true, 1]);
      notificationBus.publish('events');
      await leaderElection.stop();
      await notificationBus.stop();
      expect(leaderElection.isLeader).toBe(false);
      expect((await sql`select from work_lease`.execute(place.database.kysely())).rows).toEqual([]);
    });
    return;
  }

  async function open(count: number): Promise<Instance[]> {
    const opened = await Promise.all(Array.from({ length: count }, async () => Instance.open(place.url!)));
    instances.push(...opened);
    return opened;
  }

  const atWork = (): Instance[] => instances.filter(({ working }) => working);
  const worker = async (): Promise<Instance> => waitFor('a leader', async () => Promise.resolve(atWork()[0]));
  const connections = async (which: string): Promise<number> =>
    (
      await sql`select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${sql.raw(which)}`.execute(
        place.database.kysely(),
      )
    ).rows.length;
  const listening = async (count: number) =>
    waitFor(`${String(count)} that listen`, async () => (await connections(LISTENING)) >= count);

  it('start together on an empty database, because one makes the tables and the others wait', async () => {
    const empty = await engine.placeForProcess();
    const opened = await Promise.allSettled(
      Array.from({ length: 3 }, async () => Instance.open(empty.settings['DATABASE_URL']!)),
    );
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
    await empty.close();
    expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('have one leader, and another takes over at once when it stops', async () => {
    for (const one of await open(3)) one.start();
    await listening(3);
    const first = await worker();
    expect([atWork().length, instances.filter(({ leaderElection }) => leaderElection.isLeader).length]).toEqual([1, 1]);
    const since = performance.now();
    await first.leaderElection.stop();
    expect(first.working).toBe(false);
    expect(await worker()).not.toBe(first);
    // Without the notification, another instance would look two seconds later.
    expect(performance.now() - since).toBeLessThan(1_500);
    expect(atWork()).toHaveLength(1);
  });

  it('are reported by a watch when none of them leads, and not while one leads', async () => {
    const seen = new WorkFailures(new Clock());
    const reports = (): number => seen.counts.totals.get('no-leader')!;
    const [only] = (await open(1)) as [Instance];
    only.start();
    await worker();
    const watch = new LeaderWatch(place.database, seen, { lookEveryMs: 1, graceMs: 0 });
    watch.start();
    for (let looks = 0; looks < 20; looks++) await sql`select 1`.execute(place.database.kysely());
    expect(reports()).toBe(0);
    await only.leaderElection.stop();
    await waitFor('a report', async () => Promise.resolve(reports() > 0));
    await watch.stop();
  });

  it('take over from a silent leader when its lease ends by the database’s clock', async () => {
    const [one, other] = (await open(2)) as [Instance, Instance];
    await sql`insert into work_lease (name, holder, until) values ('work', gen_random_uuid(), clock_timestamp() + interval '2 s')`.execute(
      place.database.kysely(),
    );
    one.start();
    other.start();
    const {
      rows: [lapsed],
    } = await sql<{ at: Date }>`select until as at from work_lease`.execute(place.database.kysely());
    await worker();
    const {
      rows: [now],
    } = await sql<{
      late: number;
    }>`select extract(epoch from clock_timestamp() - ${lapsed!.at}::timestamptz)::float8 as late`.execute(
      place.database.kysely(),
    );
    expect(now!.late).toBeGreaterThan(0);
    expect(now!.late).toBeLessThan(4);
    expect(one.began + other.began).toBe(1);
  });

  it('lose the lease when another instance has it, end their work, and get it back', async () => {
    const [one] = (await open(1)) as [Instance];
    one.start();
    await worker();
    await sql`update work_lease set holder = gen_random_uuid(), until = clock_timestamp() + interval '3 s'`.execute(
      place.database.kysely(),
    );
    await waitFor('the end of the work', async () => Promise.resolve(!one.working));
    expect(one.leaderElection.isLeader).toBe(false);
    await waitFor('another term', async () => Promise.resolve(one.began === 2 && one.working));
  });

  it('end their work in time when the database does not answer', async () => {
    const [one] = (await open(1)) as [Instance];
    one.start();
    await worker();
    await place.database.transaction(async (trx) => {
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
      await sql`select * from work_lease for update`.execute(trx);
      await waitFor('the end of the work', async () => Promise.resolve(!one.working), 9_000);
    });
    await waitFor('another term', async () => Promise.resolve(one.began === 2));
  });

  it('hear each other, also after a lost connection, and each topic once per interval at most', async () => {
    const [one, other] = (await open(2)) as [Instance, Instance];
    let heard = 0;
    other.notificationBus.on('events', () => {
      heard += 1;
    });
    one.notificationBus.on('events', () => {
      heard += 1_000_000;
    });
    other.notificationBus.start();
    one.notificationBus.start();
    await listening(2);
    await waitFor('the first', async () => {
      one.notificationBus.publish('events');
      return Promise.resolve(heard % 1_000_000 > 0);
    });
    for (let round = 0; round < 2; round += 1) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${sql.raw(LISTENING)}`.execute(
        place.database.kysely(),
      );
      await waitFor('the end of all listening connections', async () => (await connections(LISTENING)) === 0);
      await listening(2);
      const before = heard % 1_000_000;
      await waitFor('another', async () => {
        one.notificationBus.publish('events');
        return Promise.resolve(heard % 1_000_000 > before);
      });
    }
    const [before, since] = [heard % 1_000_000, performance.now()];
    for (let burst = 0; burst < 10_000; burst += 1) one.notificationBus.publish('events');
    await waitFor('the burst', async () => Promise.resolve(heard % 1_000_000 > before));
    while (performance.now() - since < 300) {
      one.notificationBus.publish('events');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((heard % 1_000_000) - before).toBeLessThanOrEqual((performance.now() - since) / 30 + 2);
  });

  it('show an append at one to callers at another without polling, because the leader applies it', async () => {
    await makeCountingTable(place.database, 'list');
    const [one, other] = (await open(2)) as [Instance, Instance];
    const sides = [one, other].map(({ database, notificationBus, leaderElection }) => {
      const store = new PostgresEventStore(database, { ...NEVER_POLL, notificationBus, checks: unchecked() });
      const runner = new ProjectionRunner(store, database, leaderElection, notificationBus, failures);
      runner.register(new Counting('list', 'Counted'));
      return { store, runner };
    });
    try {
      for (const { runner } of sides) await runner.start();
      one.start();
      await worker();
      other.start();
      await listening(2);
      const positions: number[] = [];
      for (let round = 0; round < 20; round += 1) {
        for (const { store } of sides)
          positions.push(...(await appendEvents(store, 1, 'Counted')).map(({ position }) => position));
        expect(
          await Promise.all(sides.map(async ({ runner }) => runner.reached(String(positions.at(-1)), 10_000))),
        ).toEqual([true, true]);
      }
      expect(await countedIn(place.database, 'list')).toEqual(positions);
      expect([one.began, other.began]).toEqual([1, 0]);
    } finally {
      for (const { runner, store } of sides) {
        await runner.stop();
        await store.close();
      }
    }
  });
});
