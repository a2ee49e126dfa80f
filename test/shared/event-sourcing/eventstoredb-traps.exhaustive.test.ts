import { EventStoreUnavailable, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { Connection } from '../../../src/shared/event-sourcing/eventstoredb/connection.js';
import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import type { AppendFailure } from '../../support/eventstoredb-fake/faults.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { waitFor } from '../../support/wait-for.js';
import { Random, collect, within } from './event-store-support.js';

/** Faults of EventStoreDB and its client, one test each. */
describe('The event store in EventStoreDB', () => {
  const random = new Random('traps of EventStoreDB');
  let fake: FakeEventStoreDb;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    fake = await FakeEventStoreDb.start();
    store = new EventStoreDbEventStore(fake.connectionString, { silentMs: 100 });
  });
  afterEach(async () => {
    fake.stall(0);
    await store.close();
    await fake.stop();
  });

  describe('appends', () => {
    it('are stored once when the first answer was lost', async () => {
      const append = random.opening(undefined, 2);
      fake.loseAnswers(1);
      const position = await store.append(append);
      expect(fake.counters).toMatchObject({ committed: 1, repeated: 1, answersLost: 1 });
      expect((await store.read(append.stream)).map(({ position: p }) => p).at(-1)).toBe(position);
    });

    it('are recognised when the server has forgotten recent ids', async () => {
      const append = random.opening();
      await store.append(append);
      fake.forgetRecentIds();
      await store.append(append);
      expect(fake.log.timesStored(append.events[0]!.id)).toBe(1);
    });

    it.each<AppendFailure>([
      'unavailable',
      'deadline-exceeded',
      'timeout',
      'cancelled',
      'busy',
      'not-ready',
      'timeout-before-commit',
      'timeout-after-commit',
    ])('are repeated unchanged after "%s", also among others', async (failure) => {
      const appends = Array.from({ length: 40 }, () => random.opening());
      fake.failAppends(3, failure);
      const outcomes = await store.appendMany(appends);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(40);
      expect(appends.map(({ events }) => fake.log.timesStored(events[0]!.id))).toEqual(Array(40).fill(1));
    });

    it('are stored once among very many when the connection is cut repeatedly', async () => {
      const appends = Array.from({ length: 600 }, () => random.opening());
      const outcomes = store.appendMany(appends);
      for (const committed of [50, 200, 400]) {
        await waitFor('some appends', async () => Promise.resolve(fake.counters.committed >= committed));
        fake.dropConnections();
      }
      expect((await outcomes).filter(({ ok }) => ok)).toHaveLength(600);
      expect(new Set(appends.map(({ events }) => fake.log.timesStored(events[0]!.id)))).toEqual(new Set([1]));
    });
  });

  describe('a server that does not answer', () => {
    it('is unavailable for all calls, also for queued ones, and available again afterwards', async () => {
      const { stream } = random.opening();
      await store.read(stream);
      fake.stall(60_000);
      const asked = [
        ...Array.from({ length: 300 }, () => store.append(random.opening())),
        ...Array.from({ length: 100 }, () => store.read(random.stream())),
        store.head(['staff']),
      ];
      const ends = await within(6_500, 'all ends', Promise.allSettled(asked));
      expect(
        ends.filter((end) => end.status === 'rejected' && end.reason instanceof EventStoreUnavailable),
      ).toHaveLength(asked.length);
      fake.stall(0);
      await within(2_000, 'the recovery', store.append(random.opening()));
    });

    it.each(['esdb', 'esdb+discover'])(
      'is unavailable while it is down, and found again when it is up: %s',
      async (scheme) => {
        const url = fake.connectionString.replace('esdb:', `${scheme}:`);
        const there = new EventStoreDbEventStore(`${url}&maxDiscoverAttempts=2&discoveryInterval=10`);
        const kept = random.opening();
        await there.append(kept);
        await fake.refuseConnections();
        const append = { ...random.opening(), events: [random.event({ secret: 'xyzzy' })] };
        const ends = await Promise.allSettled([
          there.append(append),
          ...Array.from({ length: 20 }, () => there.read(kept.stream)),
          there.head(['staff']),
        ]);
        const reasons = ends.map((end) => (end as PromiseRejectedResult).reason as Error);
        for (const reason of reasons) expect(reason).toBeInstanceOf(EventStoreUnavailable);
        expect(
          JSON.stringify(reasons.map(({ message, cause }) => [message, (cause as Error | undefined)?.message])),
        ).not.toMatch(/xyzzy|127\.0\.0\.1/);
        await fake.acceptConnections();
        await within(
          10_000,
          'the recovery',
          waitFor('an answer', async () => there.read(kept.stream).catch(() => undefined)),
        );
        expect(await there.read(append.stream)).toEqual([]);
        await there.append(append);
        await there.close();
      },
    );
  });

  describe('a subscription', () => {
    const break_: Record<string, (fake: FakeEventStoreDb) => void> = {
      fails: (one) => {
        one.failSubscriptions('unavailable');
      },
      'is cancelled by the server': (one) => {
        one.failSubscriptions('cancelled');
      },
      'ends without an error': (one) => {
        one.endSubscriptions();
      },
      'loses its connection': (one) => {
        one.dropConnections();
      },
      'is silent and open': (one) => {
        one.muteSubscriptions();
      },
      'is refused at first': (one) => {
        one.refuseSubscriptions(1, 'unavailable');
        one.endSubscriptions();
      },
    };
    it.each(Object.keys(break_))('that %s continues after the last event, and brings none twice', async (how) => {
      const category = random.category();
      const seen = collect(store, { categories: [category], maxBatch: 3 }, ({ length }) => length >= 60);
      const appended: string[] = [];
      for (let n = 0; n < 60; n += 1) {
        const append = random.opening(category);
        await store.append(append);
        appended.push(append.stream);
        if (n % 20 === 9) break_[how]!(fake);
      }
      expect((await seen).map(({ stream }) => stream)).toEqual(appended);
    });

    it('refuses to wait after the end of a log that was set back', async () => {
      const category = random.category();
      const position = await store.append(random.opening(category));
      const { commit } = /C:(?<commit>\d+)/.exec(position)!.groups!;
      const beyond = `C:${String(Number(commit) + 1_000)}/P:${String(Number(commit) + 1_000)}`;
      const next = store
        .subscribe({ after: beyond, categories: [category], maxBatch: 1, signal: AbortSignal.timeout(5_000) })
        [Symbol.asyncIterator]()
        .next();
      await expect(next).rejects.toMatchObject({ name: 'LogEndsBefore', message: expect.stringContaining(beyond) });
    });

    it('leaves nothing open after its end', async () => {
      const ended = new AbortController();
      const iterator = store
        .subscribe({ after: null, categories: [random.category()], maxBatch: 1, signal: ended.signal })
        [Symbol.asyncIterator]();
      const end = iterator.next();
      await waitFor('a subscription', async () => Promise.resolve(fake.openSubscriptions === 1));
      ended.abort();
      await end;
      await waitFor('none', async () => Promise.resolve(fake.openSubscriptions === 0));
    });
  });

  describe('a server that denies access', () => {
    it.each(['access-denied', 'unauthenticated'] as const)(
      'as %s differs from one that is away, is reported at once without names, and is used again later',
      async (how) => {
        const category = random.category();
        const { stream } = random.opening(category);
        const follow = (): Promise<unknown> =>
          store
            .subscribe({ after: null, categories: [category], maxBatch: 1, signal: AbortSignal.timeout(10_000) })
            [Symbol.asyncIterator]()
            .next();
        fake.denyAccess(how);
        const ends = await within(
          2_000,
          'all ends',
          Promise.allSettled([
            store.append(random.opening(category)),
            store.read(stream),
            store.head([category]),
            follow(),
          ]),
        );
        for (const end of ends) {
          const { name, message, cause } = (end as PromiseRejectedResult).reason as Error;
          expect((end as PromiseRejectedResult).reason).toBeInstanceOf(EventStoreUnavailable);
          expect([name, cause, message.includes(category)]).toEqual(['EventStoreRefuses', undefined, false]);
          expect(message).toMatch(/^EventStoreDB refuses access: /);
        }
        fake.grantAccess();
        const next = follow();
        await store.append(random.opening(category));
        await within(5_000, 'the event', next);
      },
    );

    it('ends a subscription under way, so that the subscriber can report it', async () => {
      const category = random.category();
      const iterator = store
        .subscribe({ after: null, categories: [category], maxBatch: 1, signal: AbortSignal.timeout(10_000) })
        [Symbol.asyncIterator]();
      const first = iterator.next();
      await store.append(random.opening(category));
      await first;
      fake.denyAccess('access-denied');
      await expect(within(5_000, 'the end', iterator.next())).rejects.toMatchObject({ name: 'EventStoreRefuses' });
    });
  });

  it('has one client in a process for any number of stores, until the last is closed', async () => {
    const other = new EventStoreDbEventStore(fake.connectionString);
    const append = random.opening();
    await Promise.all([store.append(random.opening()), other.append(append)]);
    const connections = [Connection.to(fake.connectionString), Connection.to(fake.connectionString)];
    expect(connections[0]!.client).toBe(connections[1]!.client);
    await Promise.all(connections.map(async (connection) => connection.release()));
    await other.close();
    expect(await store.read(append.stream)).toHaveLength(1);
    await store.close();
    await waitFor('no connection', async () => Promise.resolve(fake.openConnections === 0));
    store = new EventStoreDbEventStore(fake.connectionString);
    expect(await store.read(append.stream)).toHaveLength(1);
  });

  it('orders positions by commit, then prepare, as numbers', () => {
    const ascending = [
      'C:9/P:9',
      'C:10/P:2',
      'C:10/P:10',
      'C:9007199254740993/P:1',
      'C:9007199254740993/P:9007199254740993',
    ];
    const sorted = ascending.toReversed().sort((a, b) => store.comparePositions(a, b));
    expect(sorted).toEqual(ascending);
    for (const text of ['12', 'C:1', 'C:1/P:', 'C:-1/P:1', 'C:9223372036854775808/P:1', 'C:1/P:1 '])
      expect(() => store.comparePositions(text, text)).toThrow(RangeError);
  });

  it('keeps the time of an event from another store', async () => {
    const recordedAt = '2001-02-03T04:05:06.789Z';
    const event = random.event();
    const append = {
      ...random.opening(),
      events: [{ ...event, metadata: { ...event.metadata, recordedAt } }, random.event()],
    };
    await store.append(append);
    const [moved, own] = (await store.read(append.stream)) as [StoredEvent, StoredEvent];
    expect([moved.recordedAt, moved.metadata]).toEqual([recordedAt, event.metadata]);
    expect(Date.now() - Date.parse(own.recordedAt)).toBeLessThan(60_000);
  });

  it('closes only after the calls under way have ended', async () => {
    fake.answerLate(200);
    const append = random.opening();
    const stored = store.append(append);
    const reading = store.read(append.stream);
    await store.close();
    expect(await within(1, 'the ends', Promise.all([stored, reading]))).toHaveLength(2);
    store = new EventStoreDbEventStore(fake.connectionString);
    fake.answerLate(0);
  });
});
