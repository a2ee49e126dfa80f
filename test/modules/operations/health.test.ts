import { MikroORM } from '@mikro-orm/core';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database, type Entity } from '../../../src/shared/database/database.js';
import { EventStore, EventStoreUnavailable } from '../../../src/shared/event-sourcing/event-store.js';
import { HealthLimits } from '../../../src/shared/health/health.js';
import { ProjectionRunners } from '../../../src/shared/projections/projection-runners.js';
import { FlakyProxy } from '../../shared/event-sourcing/flaky-proxy.js';
import {
  describeOnEngines,
  describeOnOneEngine,
  NO_ENTITIES,
  postgresAt,
  type Engine,
  type TestDatabase,
} from '../../support/engines.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import { setReadOnly } from '../../support/read-only.js';
import { metricsAt, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import { createOrganisation, pauseReadModel, readModelsCaughtUp } from '../../support/scenarios.js';

interface Reason {
  code: string;
  name?: string;
  error?: string;
}

interface Health {
  status: string;
  code?: string;
  database: boolean;
  eventStore: boolean;
  pausedProjections: string[];
  reasons: Reason[];
  behind: { name: string; seconds: number | null }[];
}

const SERVER = process.env.TEST_DATABASE_URL;
const SOON = { leaseFailsMs: 100, standstillMs: 300, keptMs: 0 };

const start = async (engine: Engine, settings: Record<string, string> = {}) =>
  startTestServer(engine, settings, { healthLimits: SOON });

async function ask({ anonymous }: TestServer, path = '/health'): Promise<{ status: number; health: Health }> {
  const { status, body } = await anonymous.get(path);
  return { status, health: body as Health };
}

const readyOf = async (server: TestServer): Promise<number> => (await ask(server, '/health/ready')).status;

/** Waits until the answer gives this reason, and resolves with it. */
async function waitForReason(server: TestServer, code: string): Promise<{ status: number; health: Health }> {
  return waitFor(`the reason ${code}`, async () => {
    const answer = await ask(server);
    return answer.health.reasons.some((reason) => reason.code === code) && answer;
  });
}

async function waitUntilWell(server: TestServer): Promise<void> {
  await waitFor('the status 200 of health', async () => (await ask(server)).status === 200);
}

/** The value of a metric without labels. */
async function gauge(server: TestServer, name: string): Promise<number> {
  const line = (await metricsAt(server.url)).split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

describeOnEngines(
  'health',
  (engine) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start(engine);
    });
    afterAll(async () => {
      await server.close();
    });

    it('of an installation without faults is ok at each address, with the lag of each read model', async () => {
      await createOrganisation(server);
      await readModelsCaughtUp(server);
      await waitUntilWell(server);
      const { health } = await ask(server);
      expect(health).toMatchObject({
        status: 'ok',
        database: true,
        eventStore: true,
        pausedProjections: [],
        reasons: [],
      });
      const names = (await server.running.app.get(ProjectionRunners).status()).map(({ name }) => name);
      expect(health.behind.map(({ name }) => name).toSorted()).toEqual([...names, 'reactions'].toSorted());
      await waitFor('every read model at the end of the log', async () =>
        (await ask(server)).health.behind.every(({ seconds }) => seconds === 0),
      );
      expect(await readyOf(server)).toBe(200);
      await server.anonymous.get('/health/live').expect(200, { status: 'ok' });
    });

    it('names a paused read model and the kind of its error, and keeps the instance ready', async () => {
      await pauseReadModel(server, 'group-list');
      const { status, health } = await waitForReason(server, 'read-model-paused');
      expect([status, health.status]).toEqual([503, 'unavailable']);
      expect(health).toMatchObject({
        pausedProjections: ['group-list'],
        reasons: [{ code: 'read-model-paused', name: 'group-list', error: 'RangeError' }],
      });
      expect(await readyOf(server)).toBe(200);
      await server.admin.post('/v1/projections/group-list/resume').expect(204);
      await waitUntilWell(server);
    });

    it('is not writable from a failed append until the next stored append', async () => {
      const store = server.running.app.get(EventStore);
      failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable() });
      await server.admin.post('/v1/organisations', { name: 'Too late' }).expect(503);
      restore(store);
      const { status, health } = await ask(server);
      expect([status, health.reasons]).toEqual([503, [{ code: 'not-writable' }]]);
      expect(await gauge(server, 'rolecall_writable')).toBe(0);
      expect(await readyOf(server)).toBe(200);
      await createOrganisation(server, 'In time');
      // The history may need a moment for what was just stored.
      await waitUntilWell(server);
      expect((await ask(server)).health.reasons).toEqual([]);
      expect(await gauge(server, 'rolecall_writable')).toBe(1);
    });

    it('has metrics of the lag of each read model and of the process managers', async () => {
      const lines = (await metricsAt(server.url))
        .split('\n')
        .filter((line) => line.startsWith('rolecall_read_model_behind_seconds{'));
      const names = [
        ...(await server.running.app.get(ProjectionRunners).status()).map(({ name }) => name),
        'reactions',
      ];
      expect(lines.map((line) => /name="([^"]+)"/.exec(line)?.[1]).toSorted()).toEqual(names.toSorted());
    });

    // EventStoreDB needs a server, because beside an embedded database no write would find it read-only.
    if (engine.name !== 'PGlite' && !SERVER) return;

    it('is not writable and still ready while the database is read-only', async () => {
      await setReadOnly(server.database, true);
      // On PGlite only an append finds the database read-only. On a server the lease does too.
      if (engine.name === 'PGlite') await server.admin.post('/v1/organisations', { name: 'Too late' }).expect(503);
      // The server ended the connections, so the first reports may find no database.
      await waitFor('a report that finds the database, and that it is not writable', async () => {
        const { status, health } = await ask(server);
        const isNotWritable = health.reasons.some(({ code }) => code === 'not-writable');
        return status === 503 && isNotWritable && health.database && health.eventStore;
      });
      expect(await readyOf(server)).toBe(200);
      await setReadOnly(server.database, false);
      if (engine.name === 'PGlite') await createOrganisation(server, 'In time');
      await waitUntilWell(server);
    });

    if (engine.name === 'PGlite') return;

    it('says at every instance that the read models have stopped while events wait', async () => {
      const other = await server.another();
      try {
        await readModelsCaughtUp(server);
        await server.database.transaction(async (trx) => {
          await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
          await sql`lock table checkpoint in exclusive mode`.execute(trx);
          await createOrganisation(server, 'Nobody lists it');
          for (const instance of [server, other]) {
            const { status, health } = await waitForReason(instance, 'read-models-stopped');
            expect([status, health.pausedProjections]).toEqual([503, []]);
            expect(health.behind.find(({ name }) => name === 'organisation-list')!.seconds).toBeGreaterThanOrEqual(0);
            expect(await readyOf(instance)).toBe(200);
          }
        });
        for (const instance of [server, other]) await waitUntilWell(instance);
      } finally {
        await other.running.close();
      }
    });
  },
  { alsoOnEventStoreDb: true },
);

if (!SERVER) process.stdout.write('health with EventStoreDB: not run, because TEST_DATABASE_URL is not set\n');
else {
  describe('health with EventStoreDB', () => {
    let server: TestServer;
    let fake: FakeEventStoreDb;
    beforeAll(async () => {
      fake = await FakeEventStoreDb.start();
      server = await start(postgresAt(SERVER), { EVENTSTORE_URL: fake.connectionString });
    });
    afterAll(async () => {
      await server.close();
      await fake.stop();
    });

    it('queries the stores once for many callers', async () => {
      await waitUntilWell(server);
      server.running.app.get(HealthLimits).keptMs = 600_000;
      const first = fake.counters.reads;
      await ask(server);
      const each = fake.counters.reads - first;
      expect(each).toBeGreaterThan(0);
      const before = fake.counters.reads;
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => ask(server, n % 2 === 0 ? '/health' : '/health/ready')),
      );
      // The limit is not 0, because subscriptions read now and then too.
      expect(fake.counters.reads - before).toBeLessThanOrEqual(each);
      await server.running.close();
      server = await server.another();
    });

    it('is not ready while EventStoreDB is silent, answers within three seconds, and recovers by itself', async () => {
      await waitUntilWell(server);
      fake.stall(600_000);
      const begun = performance.now();
      const answers = await Promise.all(['/health', '/health/ready'].map(async (path) => ask(server, path)));
      expect(performance.now() - begun).toBeLessThan(3_000);
      for (const { status, health } of answers) {
        expect(status).toBe(503);
        expect(health).toMatchObject({
          status: 'unavailable',
          code: 'event-store-unavailable',
          database: true,
          eventStore: false,
        });
        expect(health.reasons).toContainEqual({ code: 'event-store-unavailable' });
      }
      fake.stall(0);
      await waitUntilWell(server);
    });

    it('says that the read models have stopped when EventStoreDB takes appends and delivers no events', async () => {
      fake.refuseSubscriptions(10_000, 'unavailable');
      fake.failSubscriptions('unavailable');
      await createOrganisation(server, 'Nobody lists it');
      const { health } = await waitForReason(server, 'read-models-stopped');
      expect(health.eventStore).toBe(true);
    });
  });
}

describeOnOneEngine('health on a database whose encoding lacks letters', (engine) => {
  if (!SERVER || engine.name === 'PGlite') return;

  it('says so while the database is in use, and is ready', async () => {
    const server = await start({ ...engine, openDatabase: oldLatinDatabase });
    try {
      expect((await waitForReason(server, 'database-encoding')).status).toBe(503);
      expect(await readyOf(server)).toBe(200);
    } finally {
      await server.close();
    }
  });
});

/** A database as an older version left it, which checked no encoding. The product refuses an empty one. */
async function oldLatinDatabase(entities: readonly Entity[] = []): Promise<TestDatabase> {
  const place = await postgresAt(SERVER!, { encoding: 'LATIN1' }).placeForProcess();
  const url = place.settings['DATABASE_URL']!;
  const orm = await MikroORM.init({ driver: PostgreSqlDriver, clientUrl: url, entities: [...NO_ENTITIES] });
  await orm.em
    .getConnection()
    .execute(
      'create table migration (id serial primary key, name varchar(255) not null, executed_at timestamptz not null default now())',
    );
  await orm.close(true);
  const database = await Database.open({ url, entities, migrations: MIGRATIONS });
  const close = async (): Promise<void> => {
    await database.close();
    await place.close();
  };
  return { url, database, close };
}

describeOnEngines('health on a database that hangs', (engine) => {
  if (!SERVER || engine.name === 'PGlite') return;

  let server: TestServer;
  let proxy: FlakyProxy;
  beforeAll(async () => {
    server = await start({
      ...engine,
      openDatabase: async (entities) => {
        const place = await engine.openDatabase(entities);
        const url = new URL(place.url!);
        proxy = await FlakyProxy.before(url.hostname, Number(url.port || 5432));
        url.host = `127.0.0.1:${String(proxy.port)}`;
        return { ...place, url: url.href };
      },
    });
  });
  afterAll(async () => {
    await server.close();
    await proxy.down();
  });

  it('answers within three seconds, with metrics too, and recovers by itself', async () => {
    await waitUntilWell(server);
    proxy.fallSilent();
    const begun = performance.now();
    const [all, ready, metrics] = await Promise.all([ask(server), ask(server, '/health/ready'), metricsAt(server.url)]);
    expect(performance.now() - begun).toBeLessThan(3_000);
    for (const { status, health } of [all, ready]) {
      expect([status, health.database]).toEqual([503, false]);
      expect(health.reasons).toContainEqual({ code: 'database-unavailable' });
    }
    expect(metrics).toMatch(/^rolecall_writable 0$/m);
    await server.anonymous.get('/health/live').expect(200);
    proxy.speak();
    await waitUntilWell(server);
  });
});
