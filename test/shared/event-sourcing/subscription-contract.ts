import type { Append, EventStore, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { LAST, collect, expectWholeAndOrdered, hasLast, race, within, type Random } from './event-store-support.js';

/** The part of the contract about subscriptions. @param storeOf the store under test, once it is open */
export function subscriptionContract(random: Random, storeOf: () => EventStore): void {
  describe('a subscription', () => {
    let store: EventStore;
    beforeAll(() => {
      store = storeOf();
    });
    /** A stream that exists. */
    const opened = async (events: number, category: string): Promise<Append> => {
      const append = random.opening(category, events);
      await store.append(append);
      return append;
    };

    const live = (category: string, signal: AbortSignal): AsyncIterator<StoredEvent[]> =>
      store.subscribe({ after: null, categories: [category], maxBatch: 10, signal })[Symbol.asyncIterator]();

    it('brings all events of its categories from the beginning, in batches of the requested size at most', async () => {
      const [a, b, other] = [random.category(), random.category(), random.category()];
      const appends = [a, other, b, a, other, b, a].map((category, n) => random.opening(category, n + 1));
      for (const append of appends) await store.append(append);
      const wanted = appends.filter(({ stream }) => !stream.startsWith(other)).flatMap(({ events }) => events);
      const seen = await collect(store, { categories: [a, b], maxBatch: 3 }, ({ length }) => length >= wanted.length);
      expect(seen.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
      expect(seen[0]).toEqual((await store.read(seen[0]?.stream ?? ''))[0]);
    });

    it('resumes after each position', async () => {
      const category = random.category();
      for (const count of [1, 3, 2]) await opened(count, category);
      const all = await collect(store, { categories: [category] }, ({ length }) => length >= 6);
      for (const [n, { position }] of all.slice(0, -1).entries()) {
        const rest = await collect(store, { categories: [category], after: position }, ({ length }) => length >= 5 - n);
        expect(rest).toEqual(all.slice(n + 1));
      }
    });

    it('brings no event of a category whose name is longer but begins like one of its own', async () => {
      const category = random.category();
      const [own, last] = [await opened(1, category), (await opened(1, `${category}s`), await opened(1, category))];
      const seen = await collect(store, { categories: [category] }, ({ length }) => length >= 2);
      expect(seen.map(({ stream }) => stream)).toEqual([own.stream, last.stream]);
    });

    it('brings only the requested types of its categories, and resumes after each position', async () => {
      const [category, other] = [random.category(), random.category()];
      const [wanted, longer] = [`Wanted${random.category()}`, 'Longer'];
      const stored = [];
      for (const [where, type] of [
        [category, wanted],
        [category, 'Unwanted'],
        [other, wanted],
        [category, `${wanted}${longer}`],
        [category, wanted],
        [category, 'Unwanted'],
        [category, wanted],
      ] as const) {
        const append = { ...random.opening(where), events: [random.event({}, type)] };
        await store.append(append);
        if (where === category && type === wanted) stored.push(append.events[0]!.id);
      }
      const seen = await collect(
        store,
        { categories: [category], types: [wanted], maxBatch: 2 },
        ({ length }) => length >= stored.length,
      );
      expect(seen.map(({ id }) => id)).toEqual(stored);
      const rest = await collect(
        store,
        { categories: [category], types: [wanted], after: seen[0]!.position },
        ({ length }) => length >= 2,
      );
      expect(rest).toEqual(seen.slice(1));
    });

    it('brings the requested types also after a long time without them', async () => {
      const [category, ending] = [random.category(), new AbortController()];
      const iterator = store
        .subscribe({ after: null, categories: [category], types: ['Rare'], maxBatch: 10, signal: ending.signal })
        [Symbol.asyncIterator]();
      const next = iterator.next();
      for (let n = 0; n < 30; n += 1) await opened(1, category);
      const rare = { ...random.opening(category), events: [random.event({}, 'Rare')] };
      await store.append(rare);
      expect(((await within(5_000, 'the rare event', next)).value as StoredEvent[]).map(({ id }) => id)).toEqual([
        rare.events[0]!.id,
      ]);
      ending.abort();
    });

    it('keeps all events for a slow reader', async () => {
      const category = random.category();
      const [iterator, appends] = [
        live(category, AbortSignal.timeout(20_000)),
        Array.from({ length: 300 }, () => random.opening(category)),
      ];
      await store.append(appends[0]!);
      const seen = [...((await iterator.next()).value as StoredEvent[])];
      for (const append of appends.slice(1)) await store.append(append);
      while (seen.length < appends.length)
        seen.push(...((await within(5_000, 'a batch', iterator.next())).value as StoredEvent[]));
      expect(seen.map(({ stream }) => stream)).toEqual(appends.map(({ stream }) => stream));
    });

    it('brings live events, because an append notifies it', async () => {
      const [category, ending] = [random.category(), new AbortController()];
      const iterator = live(category, ending.signal);
      for (let n = 0; n < 5; n += 1) {
        const next = iterator.next();
        const { events } = await opened(1, category);
        const batch = (await within(5_000, 'the appended event', next)).value as StoredEvent[];
        expect(batch.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      }
      ending.abort();
      await expect(within(2_000, 'the end', iterator.next())).resolves.toMatchObject({ done: true });
    });

    it('ends when its signal aborts, while it waits or before it begins', async () => {
      const [category, ending] = [random.category(), new AbortController()];
      await opened(1, category);
      const iterator = live(category, ending.signal);
      expect((await within(5_000, 'the first batch', iterator.next())).done).toBe(false);
      const end = iterator.next();
      ending.abort();
      await expect(within(2_000, 'the end', end)).resolves.toMatchObject({ done: true });
      await expect(within(2_000, 'the end', live(category, AbortSignal.abort()).next())).resolves.toMatchObject({
        done: true,
      });
    });

    it('misses and repeats nothing while 24 writers race', async () => {
      const category = random.category();
      const seen = collect(store, { categories: [category], maxBatch: 50 }, hasLast);
      const written = await race({ stores: [store], random, category, writers: 24, rounds: 15 });
      expectWholeAndOrdered(store, await seen, written);
      expect((await seen).at(-1)?.type).toBe(LAST);
      expect(await collect(store, { categories: [category], maxBatch: 7 }, hasLast)).toEqual(await seen);
    });
  });
}
