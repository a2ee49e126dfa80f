import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { EventStoreUnavailable } from '../../../src/shared/event-sourcing/event-store.js';
import { PostgresEventStore } from '../../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { NO_ENTITIES, describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';
import { eventStoreContract } from './contract.js';
import { Random, collect, expectWholeAndOrdered, hasLast, race, within } from './event-store-support.js';
import { FlakyProxy } from './flaky-proxy.js';

/** Longer than any test, so an event that arrives did not come by polling. */
const NEVER_POLL = { pollEveryMs: 3_600_000 };

describeOnEveryEngine('The event store', (engine) => {
  eventStoreContract(engine.name, async () => {
    const testDatabase = await engine.openDatabase();
    const store = new PostgresEventStore(testDatabase.database, NEVER_POLL);
    return {
      store,
      close: async () => {
        await store.close();
        await testDatabase.close();
      },
    };
  });

  describe('with its database', () => {
    const random = new Random(`database of ${engine.name}`);
    let testDatabase: TestDatabase;
    let database: Database;
    let store: PostgresEventStore;
    beforeAll(async () => {
      testDatabase = await engine.openDatabase();
      database = testDatabase.database;
      store = new PostgresEventStore(database, NEVER_POLL);
    });
    afterAll(async () => {
      await store.close();
      await testDatabase.close();
    });

    it.each(["update event set type = 'x'", 'delete from event', 'truncate event'])(
      'refuses "%s"',
      async (statement) => {
        await store.append(random.opening());
        await expect(sql.raw(statement).execute(database.kysely())).rejects.toThrow('never changed');
        await expect(
          database.transaction(async (trx) => {
            await sql`set local session_replication_role = replica`.execute(trx);
            await sql.raw(statement).execute(trx);
          }),
        ).rejects.toThrow('never changed');
      },
    );

    it('gives positions without gaps', async () => {
      const before = Number(await store.append(random.opening()));
      await store.appendMany([
        random.opening(undefined, 2),
        { ...random.opening(), expectedRevision: 5 },
        random.opening(undefined, 3),
      ]);
      expect(Number(await store.append(random.opening()))).toBe(before + 6);
    });

    it('stores appends at the expected revision in one statement, also several events of one append', async () => {
      const known = random.opening(undefined, 3);
      await store.append(known);
      const appends = [
        random.opening(),
        { stream: known.stream, expectedRevision: 2, events: [random.event(), random.event()] },
        random.opening(undefined, 2),
      ];
      await sql`alter function event_append_each rename to event_append_hidden`.execute(database.kysely());
      try {
        const outcomes = await store.appendMany(appends);
        for (const [n, { stream, events }] of appends.entries()) {
          const stored = await store.read(stream);
          expect(stored.slice(-events.length).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
          expect(outcomes[n]).toEqual({ ok: true, position: stored.at(-1)?.position });
        }
        await expect(store.append({ ...random.opening(), expectedRevision: 5 })).rejects.toThrow(
          'the event store failed with 42883',
        );
      } finally {
        await sql`alter function event_append_hidden rename to event_append_each`.execute(database.kysely());
      }
    });

    it('reads few rows for an append to an old stream, also with a plan made while the log was empty', async () => {
      const fresh = await engine.openDatabase();
      const read = await fresh.database.transaction(async (trx) => {
        const append = async (revisions: number[]) =>
          sql`select event_append_all(${revisions.map(() => 'staff-old')}::text[], ${revisions}::int[], ${revisions.map(() => randomUUID())}::uuid[],
            ${revisions.map(() => 'Any')}::text[], ${revisions.map(() => '{}')}::text[], ${revisions.map(() => '{}')}::text[])`.execute(
            trx,
          );
        const rowsRead = async (): Promise<number> => {
          const { rows } = await sql<{
            rows: string;
          }>`select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables where relname = 'event'`.execute(
            trx,
          );
          return Number(rows[0]?.rows);
        };
        await append([0]);
        await append([1]);
        await sql`insert into event (position, stream, revision, id, type, data, metadata, recorded_at)
          select n, 'staff-' || n, 0, gen_random_uuid(), 'Any', '{}', '{}', now() from generate_series(3, 3000) n`.execute(
          trx,
        );
        const before = await rowsRead();
        await append([2]);
        await append([3, 4]);
        return (await rowsRead()) - before;
      });
      await fresh.close();
      expect(read).toBeLessThan(20);
    });

    it('finds appends of another instance by polling', async () => {
      const [category, poller] = [random.category(), new PostgresEventStore(database, { pollEveryMs: 10 })];
      const seen = collect(poller, { categories: [category] }, ({ length }) => length >= 3);
      for (let n = 0; n < 3; n += 1) await store.append(random.opening(category));
      expect(await seen).toHaveLength(3);
      await poller.close();
    });

    it('ends its subscriptions when it closes', async () => {
      const closing = new PostgresEventStore(database, NEVER_POLL);
      const subscription = {
        after: null,
        categories: [random.category()],
        maxBatch: 10,
        signal: new AbortController().signal,
      };
      const end = closing.subscribe(subscription)[Symbol.asyncIterator]().next();
      await closing.close();
      await expect(within(2_000, 'the end', end)).resolves.toMatchObject({ done: true });
    });

    it('gives each reader of a stream its own events', async () => {
      const { stream, events } = random.opening();
      await store.append({ stream, expectedRevision: -1, events });
      const [one, two] = await Promise.all([store.read(stream), store.read(stream)]);
      (one[0] as { data: object }).data = { changed: true };
      expect(two[0]?.data).toEqual(events[0]?.data);
    });

    it('reports a refused append of a batch only to its caller, and quotes none of its data', async () => {
      await sql`alter table event add constraint no_poison check (type <> 'Poison') not valid`.execute(
        database.kysely(),
      );
      const poison = { ...random.opening(), events: [random.event({ secret: 'xyzzy' }, 'Poison')] };
      const good = Array.from({ length: 20 }, () => random.opening());
      const results = await Promise.allSettled([...good, poison].map((append) => store.append(append)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
      const refusal = results.at(-1) as PromiseRejectedResult;
      expect(refusal.reason).toMatchObject({ message: 'the event store failed with 23514' });
      expect(everythingIn(refusal.reason as Error)).not.toContain('xyzzy');
    });

    it('refuses names, ids and values that would fail a batch', async () => {
      const append = random.opening();
      for (const stream of ['', 'nocategory', 'staff-a\nb', 'staff-\u0000', `staff-${'x'.repeat(3_000)}`]) {
        await expect(store.append({ ...append, stream })).rejects.toMatchObject({ name: 'AppendRefused' });
        expect(await store.read(stream)).toEqual([]);
      }
      await expect(store.append({ ...append, events: [{ ...random.event(), id: 'x' }] })).rejects.toMatchObject({
        name: 'AppendRefused',
      });
      await expect(store.append({ ...append, events: [random.event({}, 'a\nb')] })).rejects.toMatchObject({
        name: 'AppendRefused',
      });
      for (const data of [undefined, null, [], 'text', { toJSON: () => undefined }]) {
        await expect(
          store.append({ ...append, events: [{ ...random.event(), data: data as never }] }),
        ).rejects.toMatchObject({ name: 'AppendRefused' });
      }
      for (const expectedRevision of [-2, 0.5, Number.NaN, 2 ** 40]) {
        await expect(store.append({ ...append, expectedRevision })).rejects.toBeInstanceOf(TypeError);
      }
    });

    it('is unavailable when its database is closed', async () => {
      const closed = await engine.openDatabase();
      const orphan = new PostgresEventStore(closed.database);
      await closed.close();
      await expect(orphan.read(random.stream())).rejects.toBeInstanceOf(EventStoreUnavailable);
      await expect(orphan.head(['staff'])).rejects.toBeInstanceOf(EventStoreUnavailable);
    });
  });

  if (engine.name === 'PGlite') return;

  describe('with a server', () => {
    const random = new Random('server');
    let testDatabase: TestDatabase;
    const opened: { close(): Promise<void> }[] = [];
    const storeOn = async (url: string, pollEveryMs = 5): Promise<PostgresEventStore> => {
      const database = await Database.open({ url, entities: NO_ENTITIES, migrations: MIGRATIONS });
      const store = new PostgresEventStore(database, { pollEveryMs });
      opened.push({
        close: async () => {
          await store.close();
          await database.close();
        },
      });
      return store;
    };
    const storeBehindProxy = async (): Promise<{ store: PostgresEventStore; proxy: FlakyProxy }> => {
      const url = new URL(testDatabase.url ?? '');
      const proxy = await FlakyProxy.before(url.hostname, Number(url.port || 5432));
      url.host = `127.0.0.1:${String(proxy.port)}`;
      const store = await storeOn(url.href);
      opened.push({ close: () => proxy.down() });
      return { store, proxy };
    };
    beforeAll(async () => {
      testDatabase = await engine.openDatabase();
    });
    afterEach(async () => {
      for (const { close } of opened.splice(0)) await close();
    });
    afterAll(async () => {
      await testDatabase.close();
    });

    it.each([0, 3])(
      'brings a seventh instance all events of six that race, on %i shared streams',
      async (sharedStreams) => {
        const url = testDatabase.url ?? '';
        const stores = await Promise.all(Array.from({ length: 6 }, () => storeOn(url)));
        const watching = await storeOn(url, 1);
        const category = random.category();
        const seen = collect(watching, { categories: [category] }, hasLast);
        const written = await race({ stores, random, category, writers: 24, rounds: 40, sharedStreams });
        expectWholeAndOrdered(watching, await seen, written);
      },
    );

    it('loses and doubles nothing while its connections are terminated', async () => {
      const url = testDatabase.url ?? '';
      const [store, watching] = [await storeOn(url), await storeOn(url)];
      const category = random.category();
      const seen = collect(watching, { categories: [category] }, hasLast);
      const kills: Promise<number>[] = [];
      let appends = 0;
      const written = await race({
        stores: [store],
        random,
        category,
        writers: 8,
        rounds: 40,
        onAppend: () => {
          if ((appends += 1) % 40 === 0) kills.push(terminateOthers(testDatabase.database));
        },
      });
      expect((await Promise.all(kills)).reduce((sum, killed) => sum + killed, 0)).toBeGreaterThan(0);
      expectWholeAndOrdered(store, await seen, written);
    });

    it('stores an append once when its first answer was lost', async () => {
      const { store, proxy } = await storeBehindProxy();
      await store.append(random.opening());
      const append = random.opening(undefined, 2);
      proxy.swallowNextAnswer();
      const position = await store.append(append);
      expect(proxy.isSwallowing).toBe(false);
      expect((await store.read(append.stream)).map(({ position: p }) => p).at(-1)).toBe(position);
      expect(await store.read(append.stream)).toHaveLength(2);
    });

    it('carries appends and subscriptions over a short outage', async () => {
      const { store, proxy } = await storeBehindProxy();
      const category = random.category();
      const seen = collect(store, { categories: [category] }, ({ length }) => length >= 2);
      await store.append(random.opening(category));
      await proxy.down();
      const append = store.append(random.opening(category));
      await expect(store.read(random.stream(category))).rejects.toBeInstanceOf(EventStoreUnavailable);
      await proxy.up();
      await append;
      expect(await seen).toHaveLength(2);
    });

    it('gives up an append after a time limit, and quotes none of its data', async () => {
      const { store, proxy } = await storeBehindProxy();
      await proxy.down();
      const append = { ...random.opening(), events: [random.event({ secret: 'xyzzy' })] };
      const error = await store.append(append).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(error).toBeInstanceOf(EventStoreUnavailable);
      expect(everythingIn(error)).not.toContain('xyzzy');
      await proxy.up();
      expect(await store.read(append.stream)).toEqual([]);
    });
  });
});

async function terminateOthers(database: Database): Promise<number> {
  const { rows } = await sql<{ killed: number }>`
    select count(pg_terminate_backend(pid))::int as killed from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(database.kysely());
  return rows[0]?.killed ?? 0;
}

function everythingIn(error: Error | undefined): string {
  if (!error) return '';
  const own = Object.getOwnPropertyNames(error).map((name) => JSON.stringify(error[name as keyof Error]));
  return [...own, error.cause instanceof Error ? everythingIn(error.cause) : ''].join();
}
