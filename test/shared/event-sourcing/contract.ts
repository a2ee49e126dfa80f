import {
  AppendRefused,
  MAX_APPEND_BYTES,
  STREAM_DOES_NOT_EXIST,
  WrongRevision,
  type Append,
  type EventStore,
  type JsonObject,
} from '../../../src/shared/event-sourcing/event-store.js';
import { collect, Random } from './event-store-support.js';
import { subscriptionContract } from './subscription-contract.js';

/** A store to test. `close` also removes the database or server below it. */
export interface StoreUnderTest {
  store: EventStore;
  close(): Promise<void>;
}

/** The contract of every event store. The tests share one log and tell their events apart by category. */
export function eventStoreContract(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the event store's contract`, () => {
    const random = new Random(name);
    let underTest: StoreUnderTest;
    let store: EventStore;
    beforeAll(async () => {
      underTest = await makeStore();
      store = underTest.store;
    });
    afterAll(async () => {
      await underTest.close();
    });

    /** A stream that exists. */
    const opened = async (events = 1, category = random.category()): Promise<Append> => {
      const append = random.opening(category, events);
      await store.append(append);
      return append;
    };

    describe('append', () => {
      it('stores events as they were given, at the revisions that follow', async () => {
        const stream = random.stream();
        const [first, second, third] = random.events(3) as [never, never, never];
        await store.append({ stream, expectedRevision: STREAM_DOES_NOT_EXIST, events: [first] });
        const position = await store.append({ stream, expectedRevision: 0, events: [second, third] });
        const stored = await store.read(stream);
        expect(stored).toMatchObject(
          [first, second, third].map((event: object, revision) => ({ ...event, stream, revision })),
        );
        expect(stored[2]?.position).toBe(position);
        for (const { recordedAt } of stored) expect(new Date(recordedAt).toISOString()).toBe(recordedAt);
      });

      it.each<[string, number, number, number]>([
        ['a new stream where there is one', 3, STREAM_DOES_NOT_EXIST, 2],
        ['an earlier revision', 3, 1, 2],
        ['a later revision', 3, 7, 2],
        ['a revision of a stream that does not exist', 0, 4, STREAM_DOES_NOT_EXIST],
      ])('refuses %s and reports the actual revision', async (_, existing, expectedRevision, actualRevision) => {
        const stream = existing > 0 ? (await opened(existing)).stream : random.stream();
        const append = { stream, expectedRevision, events: random.events(1) };
        await expect(store.appendMany([append])).resolves.toEqual([{ ok: false, actualRevision }]);
        await expect(store.append(append)).rejects.toMatchObject({
          name: WrongRevision.name,
          stream,
          expectedRevision,
          actualRevision,
        });
        expect(await store.read(stream)).toHaveLength(existing);
      });

      it('gives each stream of a call its own outcome, in order', async () => {
        const [one, two] = [await opened(2), await opened(1)];
        const outcomes = await store.appendMany([
          { stream: one.stream, expectedRevision: 0, events: random.events(1) },
          random.opening(),
          { stream: two.stream, expectedRevision: 0, events: random.events(2) },
          { stream: two.stream.replace(/.$/, 'x'), expectedRevision: 3, events: random.events(1) },
        ]);
        expect(outcomes).toMatchObject([
          { ok: false, actualRevision: 1 },
          { ok: true },
          { ok: true },
          { ok: false, actualRevision: STREAM_DOES_NOT_EXIST },
        ]);
      });

      it('takes 10,000 streams in one call', async () => {
        const category = random.category();
        const appends = Array.from({ length: 10_000 }, () => random.opening(category));
        const outcomes = await store.appendMany(appends);
        expect(outcomes.filter(({ ok }) => ok)).toHaveLength(10_000);
        const read = await store.readMany(appends.map(({ stream }) => stream));
        expect(appends.filter(({ stream, events }) => read.get(stream)?.[0]?.id !== events[0]?.id)).toEqual([]);
        // The limit is long, because the fake alone takes more than the usual limit on a slow machine.
      }, 60_000);

      it('lets exactly one of 100 win the same revision', async () => {
        const { stream } = await opened();
        const appends = Array.from({ length: 100 }, () => ({ stream, expectedRevision: 0, events: random.events(1) }));
        const outcomes = (await Promise.all(appends.map((append) => store.appendMany([append])))).flat();
        expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
        expect(outcomes.filter((outcome) => !outcome.ok && outcome.actualRevision !== 1)).toEqual([]);
        const winner = appends[outcomes.findIndex(({ ok }) => ok)];
        expect((await store.read(stream)).map(({ id }) => id).slice(1)).toEqual(winner?.events.map(({ id }) => id));
      });
    });

    describe('a repeated append', () => {
      it.each([1, 3])('of %i events succeeds and stores nothing twice', async (count) => {
        const append = random.opening(undefined, count);
        const position = await store.append(append);
        await expect(store.append(append)).resolves.toBe(position);
        expect(await store.read(append.stream)).toHaveLength(count);
      });

      it('succeeds at any place of a stream that has gone on', async () => {
        const first = random.opening();
        const second = { stream: first.stream, expectedRevision: 0, events: random.events(2) };
        const third = { stream: first.stream, expectedRevision: 2, events: random.events(1) };
        const positions = [await store.append(first), await store.append(second), await store.append(third)];
        expect([await store.append(first), await store.append(second), await store.append(third)]).toEqual(positions);
        expect(await store.read(first.stream)).toHaveLength(4);
      });

      it('is stored once when the same append is sent many times at once', async () => {
        const append = random.opening(undefined, 2);
        const positions = await Promise.all(Array.from({ length: 20 }, () => store.append(append)));
        expect(new Set(positions).size).toBe(1);
        expect(await store.read(append.stream)).toHaveLength(2);
      });

      it('is a wrong revision when only a part of it is stored', async () => {
        const append = await opened(2);
        const [kept] = append.events as [never, never];
        for (const events of [
          [...append.events, random.event()],
          [kept, random.event()],
          [random.event(), kept],
          random.events(2),
        ]) {
          await expect(store.appendMany([{ ...append, events }])).resolves.toEqual([{ ok: false, actualRevision: 1 }]);
        }
        expect(await store.read(append.stream)).toHaveLength(2);
      });
    });

    describe('what an event may hold', () => {
      it.each<[string, JsonObject]>([
        ['nothing', {}],
        [
          'text of all kinds',
          {
            '': '',
            umlaut: 'Zoë Gül',
            arabic: 'مرحبا',
            emoji: '👩🏽‍⚕️',
            breaks: 'a\nb\r\n\tc\u2028',
            quotes: `"'\\\\ $1 {} ?`,
          },
        ],
        ['text that databases dislike', { nul: 'a\u0000b', surrogate: '\ud800', 'key\u0000': 1 }],
        ['nested JSON', { list: [1, [true, null, { deep: [{}, []] }]], object: { a: { b: { c: 'd' } } } }],
        ['numbers', { integer: Number.MAX_SAFE_INTEGER, negative: -1, fraction: 0.1, large: 1e300, small: 5e-324 }],
      ])('keeps %s', async (_, data) => {
        const append = {
          stream: random.stream(),
          expectedRevision: STREAM_DOES_NOT_EXIST,
          events: [random.event(data)],
        };
        await store.append(append);
        const [stored] = await store.read(append.stream);
        expect(stored?.data).toEqual(data);
        expect(stored?.metadata).toEqual(append.events[0]?.metadata);
      });

      it('takes an append just under the limit', async () => {
        const append = { ...random.opening(), events: [random.event({ text: 'x'.repeat(MAX_APPEND_BYTES - 1_000) })] };
        await store.append(append);
        expect((await store.read(append.stream))[0]?.data).toEqual(append.events[0]?.data);
      });

      it('refuses an append that is too large or not JSON, and harms no other caller', async () => {
        const cyclic: JsonObject = {};
        cyclic.self = cyclic;
        const bad = [
          [random.event({ n: 1n as never })],
          [random.event(cyclic)],
          [random.event({ text: 'x'.repeat(MAX_APPEND_BYTES) })],
          Array.from({ length: 3 }, () => random.event({ text: 'é'.repeat(MAX_APPEND_BYTES / 6) })),
        ].map((events) => ({ ...random.opening(), events }));
        const good = Array.from({ length: 20 }, () => random.opening());
        const results = await Promise.allSettled(
          [...good.slice(0, 10), ...bad, ...good.slice(10)].map((append) => store.append(append)),
        );
        expect(results.slice(10, 14)).toMatchObject(
          bad.map(() => ({ status: 'rejected', reason: { name: AppendRefused.name } })),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
        for (const { stream } of bad) expect(await store.read(stream)).toEqual([]);
      });

      it('stores nothing of a call when one of its appends is refused', async () => {
        const [good, bad] = [random.opening(), { ...random.opening(), events: [random.event({ n: 1n as never })] }];
        await expect(store.appendMany([good, bad])).rejects.toBeInstanceOf(AppendRefused);
        expect(await store.read(good.stream)).toEqual([]);
      });

      it('refuses an append without events and a stream named twice in one call', async () => {
        await expect(store.append({ ...random.opening(), events: [] })).rejects.toBeInstanceOf(TypeError);
        const append = random.opening();
        await expect(store.appendMany([append, { ...append, expectedRevision: 0 }])).rejects.toBeInstanceOf(TypeError);
      });
    });

    describe('reading', () => {
      it('answers every requested name, and an unknown stream without events', async () => {
        const [one, two, unknown] = [await opened(3), await opened(1), random.stream()];
        const read = await store.readMany([two.stream, unknown, one.stream, one.stream]);
        expect([...read.keys()].sort()).toEqual([one.stream, two.stream, unknown].sort());
        expect(read.get(one.stream)?.map(({ id, revision }) => [id, revision])).toEqual(
          one.events.map(({ id }, n) => [id, n]),
        );
        expect([read.get(two.stream)?.length, read.get(unknown)?.length]).toEqual([1, 0]);
        expect(await store.readMany([])).toEqual(new Map());
      });

      it('sees all earlier appends, also among many reads at the same moment', async () => {
        await Promise.all(
          Array.from({ length: 100 }, async () => {
            const { stream } = await opened(2);
            expect(await store.read(stream)).toHaveLength(2);
          }),
        );
      });
    });

    describe('positions and head', () => {
      it('compares positions in the order of appending', async () => {
        const first = await store.append(random.opening());
        const second = await store.append(random.opening());
        expect(store.comparePositions(first, second)).toBeLessThan(0);
        expect(store.comparePositions(second, first)).toBeGreaterThan(0);
        expect(store.comparePositions(second, second)).toBe(0);
      });

      it.each(['', 'garbage', '-1', '1.5', ' 1', '1'.repeat(80)])('refuses %j as a position', async (text) => {
        const position = await store.append(random.opening());
        expect(() => store.comparePositions(text, position)).toThrow(RangeError);
        expect(() => store.comparePositions(position, text)).toThrow(RangeError);
      });

      it('knows the last position in each set of categories', async () => {
        const [a, b, none] = [random.category(), random.category(), random.category()];
        const [ofA, ofB] = [await store.append(random.opening(a)), await store.append(random.opening(b, 3))];
        expect(await store.head([a])).toBe(ofA);
        expect(await store.head([a, b, none])).toBe(ofB);
        expect(await store.head([none])).toBeNull();
      });

      it('tells a category from a longer one with the same beginning', async () => {
        const category = random.category();
        const own = await store.append(random.opening(category));
        await opened(1, `${category}s`);
        expect(await store.head([category])).toBe(own);
      });
    });

    describe('a look at a position', () => {
      it('says which event stands there', async () => {
        const append = random.opening(undefined, 2);
        const position = await store.append(append);
        await expect(store.lookAt(position)).resolves.toEqual({
          eventId: append.events.at(-1)!.id,
          isBeyondEnd: false,
        });
        await expect(store.lookAt('elsewhere')).rejects.toThrow(RangeError);
      });

      it('finds nothing beyond the end of the log', async () => {
        const position = await store.append(random.opening());
        const beyond = position.replaceAll(/\d+/g, (digits) => String(Number(digits) + 1_000_000));
        await expect(store.lookAt(beyond)).resolves.toEqual({ eventId: null, isBeyondEnd: true });
      });
    });

    describe('a look ahead', () => {
      it('finds the time of the first event after a position, in its categories alone', async () => {
        const category = random.category();
        const first = await opened(1, category);
        await opened(1, `${category}s`);
        const second = await opened(2, category);
        const [one] = await store.read(first.stream);
        const [two, three] = await store.read(second.stream);
        await expect(store.lookAhead({ after: null, categories: [category] })).resolves.toMatchObject({
          recordedAt: one!.recordedAt,
        });
        await expect(store.lookAhead({ after: one!.position, categories: [category] })).resolves.toMatchObject({
          recordedAt: two!.recordedAt,
        });
        await expect(store.lookAhead({ after: two!.position, categories: [category] })).resolves.toMatchObject({
          recordedAt: three!.recordedAt,
        });
      });

      it('finds only the requested types', async () => {
        const category = random.category();
        for (const type of ['Passed', 'Passed', 'Wanted'])
          await store.append({ ...random.opening(category), events: [random.event({}, type)] });
        const [first, , third] = await collect(store, { categories: [category] }, ({ length }) => length >= 3);
        const wanted = { after: first!.position, categories: [category], types: ['Wanted'] };
        await expect(store.lookAhead(wanted)).resolves.toMatchObject({ recordedAt: third!.recordedAt });
        await expect(store.lookAhead({ ...wanted, after: third!.position })).resolves.toMatchObject({
          recordedAt: null,
          isEnd: true,
        });
      });

      it('says how far it looked when it found nothing, and finds later events after that place', async () => {
        const category = random.category();
        const last = await store.append(random.opening(category));
        await opened(3);
        const nothing = await store.lookAhead({ after: last, categories: [category] });
        expect(nothing).toMatchObject({ recordedAt: null, isEnd: true });
        expect(store.comparePositions(nothing.lookedUpTo!, last)).toBeGreaterThan(0);
        const later = await opened(1, category);
        const [event] = await store.read(later.stream);
        await expect(store.lookAhead({ after: nothing.lookedUpTo, categories: [category] })).resolves.toMatchObject({
          recordedAt: event!.recordedAt,
        });
      });
    });

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    subscriptionContract(random, () => store);
  });
}
