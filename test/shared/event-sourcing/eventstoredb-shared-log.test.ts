import { Logger } from '@nestjs/common';
import { CATEGORIES } from '../../../src/bootstrap/event-shapes.js';
import type { EventStore, Place, Position } from '../../../src/shared/event-sourcing/event-store.js';
import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import { Lags } from '../../../src/shared/projections/lags.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { waitFor } from '../../support/wait-for.js';
import { Random, within } from './event-store-support.js';
import { unchecked } from '../../support/unchecked.js';

const FOREIGN = Number(process.env.FOREIGN_EVENTS ?? 20_000);
/** How often silent subscriptions look. It suffices to measure one look. */
const LOOKS = 40;
/** The most events that one look may examine: the end of the log, and the events since the last look. */
const EACH = 3;

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** Follows like the read models, or like the process managers, which handle few types. */
class Follower {
  readonly seen: string[] = [];
  passed: Place | null = null;
  /** How many events it had seen at each place that it was told. */
  readonly places: { eventId: string; seen: number }[] = [];
  failure: unknown;
  position: Position | null;
  private readonly ending = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    store: EventStore,
    {
      position = null,
      passed = null,
      types,
    }: { position?: Position | null; passed?: Place | null; types?: string[] } = {},
  ) {
    this.position = position;
    this.ended = this.follow(store, passed, types).catch((error: unknown) => {
      this.failure = error;
    });
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.ended;
  }

  private async follow(store: EventStore, seenUpTo: Place | null, types: string[] | undefined): Promise<void> {
    const onPassed = async (place: Place): Promise<void> => {
      this.passed = place;
      this.places.push({ eventId: place.eventId, seen: this.seen.length });
      return Promise.resolve();
    };
    for await (const batch of store.subscribe({
      after: this.position,
      seenUpTo,
      onPassed,
      categories: CATEGORIES,
      types,
      maxBatch: 100,
      signal: this.ending.signal,
    })) {
      this.seen.push(...batch.map(({ id }) => id));
      this.position = batch.at(-1)!.position;
    }
  }
}

describe('A log in EventStoreDB that others fill', () => {
  const random = new Random('a log that others fill');
  let fake: FakeEventStoreDb;
  let store: EventStoreDbEventStore;
  let followers: Follower[];
  beforeEach(async () => {
    fake = await FakeEventStoreDb.start();
    store = open();
    followers = [];
  });
  afterEach(async () => {
    await Promise.all(followers.map(async (follower) => follower.stop()));
    await store.close();
    await fake.stop();
  });

  const open = (): EventStoreDbEventStore =>
    new EventStoreDbEventStore(fake.connectionString, { silentMs: 50, checks: unchecked() });
  const follow = (options: ConstructorParameters<typeof Follower>[1] = {}): Follower => {
    const follower = new Follower(store, options);
    followers.push(follower);
    return follower;
  };
  const ours = async (data = {}): Promise<{ id: string; position: Position }> => {
    const append = { ...random.opening('staff'), events: [random.event(data)] };
    return { id: append.events[0]!.id, position: await store.append(append) };
  };
  const atEnd = async (...those: Follower[]): Promise<unknown> =>
    waitFor('the end of the log', async () =>
      Promise.resolve(those.every(({ passed }) => passed?.eventId === fake.log.records.at(-1)!.id)),
    );
  /** How many events the server examines for `work`. */
  const examined = async (work: () => Promise<unknown>): Promise<number> => {
    const before = fake.counters.examined;
    await work();
    return fake.counters.examined - before;
  };

  it('costs an idle product few examined events, and shows it a new event at once', async () => {
    const first = await ours();
    const [readModels, processManagers] = [follow(), follow({ types: ['Rare'] })];
    await waitFor('ours', async () => Promise.resolve(readModels.seen.includes(first.id)));
    fake.fill(FOREIGN);
    await atEnd(readModels, processManagers);
    const reads = fake.counters.reads + LOOKS;
    expect(
      await examined(async () => waitFor('looks', async () => Promise.resolve(fake.counters.reads >= reads))),
    ).toBeLessThan(LOOKS * EACH);
    const lags = new Lags(store);
    await lags.of([{ name: 'reactions', position: null, seenUpTo: processManagers.passed, types: ['Rare'] }]);
    expect(
      await examined(async () => {
        expect(await store.head(CATEGORIES)).toBe(first.position);
        const seconds = await lags.of([
          { name: 'read-models', position: first.position },
          { name: 'reactions', position: null, seenUpTo: processManagers.passed, types: ['Rare'] },
        ]);
        expect([...seconds.values()]).toEqual([0, 0]);
      }),
    ).toBeLessThan(LOOKS * EACH);
    const next = await ours();
    await within(
      2_000,
      'the next event',
      waitFor('the next event', async () => Promise.resolve(readModels.seen.includes(next.id))),
    );
    expect([readModels.seen, await store.head(CATEGORIES)]).toEqual([[first.id, next.id], next.position]);
  });

  it('is examined once, because a start continues where the last one stopped', async () => {
    const first = await ours();
    const before = follow();
    fake.fill(FOREIGN);
    await atEnd(before);
    const { position, passed } = before;
    await before.stop();
    await store.close();
    store = open();
    expect(
      await examined(async () => {
        expect(await store.head(CATEGORIES, { from: { after: position, seenUpTo: passed } })).toBe(first.position);
        const after = follow({ position, passed });
        const next = await ours();
        await waitFor('the next event', async () => Promise.resolve(after.seen.length > 0));
        expect(after.seen).toEqual([next.id]);
      }),
    ).toBeLessThan(LOOKS * EACH);
  });

  it('is read again when it lacks the event at a known place, so that no later event is missed', async () => {
    const first = await ours();
    fake.fill(10);
    const { eventId, position } = {
      eventId: fake.log.records.at(-1)!.id,
      position: `C:${String(fake.log.head)}/P:${String(fake.log.head)}`,
    };
    fake.setBack(10);
    const instead = await ours({ padding: '.'.repeat(200) });
    fake.fill(100);
    const after = follow({ position: first.position, passed: { position, eventId } });
    await waitFor('the event stored instead', async () => Promise.resolve(after.seen.length > 0));
    expect(after.seen).toEqual([instead.id]);
    expect(await store.head(CATEGORIES, { from: { after: first.position, seenUpTo: null } })).toBe(instead.position);
  });

  it('is noted as passed only when everything before was handled, also when the server reports a place too early', async () => {
    const first = await ours();
    const follower = follow();
    await waitFor('ours', async () => Promise.resolve(follower.seen.includes(first.id)));
    const { reads } = fake.counters;
    await waitFor('silence', async () => Promise.resolve(fake.counters.reads > reads + 2));
    fake.checkAhead(20);
    // Both events are there when the subscription looks.
    fake.stall(30);
    const { id, type, metadata } = random.event();
    fake.log.append(random.stream('staff'), [
      {
        id,
        type,
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: Buffer.from(JSON.stringify(metadata)),
      },
    ]);
    fake.fill(1);
    await atEnd(follower);
    await waitFor('both', async () => Promise.resolve(follower.seen.length > 1));
    expect(
      follower.places.filter(({ eventId }) => eventId === fake.log.records.at(-1)!.id).every(({ seen }) => seen === 2),
    ).toBe(true);
  });

  it('is searched to its end however long that takes, but not after the product stops', async () => {
    fake.fill(1);
    fake.searchFor(4_000);
    await expect(store.lookAhead({ after: null, categories: CATEGORIES })).resolves.toMatchObject({
      recordedAt: null,
      isEnd: true,
    });
    fake.searchFor(60_000);
    const { reads } = fake.counters;
    const looking = store.lookAhead({ after: null, categories: CATEGORIES }).catch((error: unknown) => error);
    // One read finds the end of the log, and one searches the events before it.
    await waitFor('a search', async () => Promise.resolve(fake.counters.reads === reads + 2));
    await within(1_000, 'an end', store.close());
    expect(await looking).toMatchObject({ name: 'EventStoreUnavailable' });
    store = open();
  });

  it('is read again when the event at a known place belongs to another log', async () => {
    const first = await ours();
    const before = follow();
    fake.fill(20);
    await atEnd(before);
    const { position, passed } = before;
    await before.stop();
    const records = fake.log.records;
    const each = records.at(-1)!.position - records.at(-2)!.position;
    fake.setBack(20);
    const bare = fake.log.end;
    const probe = await ours({ padding: '' });
    const own = fake.log.end - bare;
    fake.setBack(1);
    // The event is as long as several foreign events together, so later events have the same places as before.
    const instead = await ours({ padding: '.'.repeat((each - (own % each)) % each) });
    expect(probe.id).not.toBe(instead.id);
    fake.fill(20);
    expect(
      records.some((record) => passed!.position === `C:${String(record.position)}/P:${String(record.position)}`),
    ).toBe(true);
    expect(position).toBe(first.position);
    const batches = store
      .subscribe({
        after: first.position,
        seenUpTo: passed,
        categories: CATEGORIES,
        maxBatch: 100,
        signal: AbortSignal.timeout(10_000),
      })
      [Symbol.asyncIterator]();
    const { value: batch } = await batches.next();
    expect([batch.map(({ id }: { id: string }) => id), await store.head(CATEGORIES)]).toEqual([
      [instead.id],
      instead.position,
    ]);
    await batches.return!();
  });

  it.each([
    [0, 0],
    [500, 5],
  ])(
    'is read again after it was set back, with %s bytes of ours and %s events of others instead',
    async (bytes, others) => {
      const first = await ours();
      fake.fill(5);
      const lags = new Lags(store);
      const look = async (): Promise<number | null | undefined> =>
        (await lags.of([{ name: 'read-models', position: first.position }])).get('read-models');
      expect(await look()).toBe(0);
      fake.setBack(5);
      await ours({ padding: '.'.repeat(bytes) });
      fake.fill(others);
      await waitFor('the event stored instead', async () => (await look().catch(() => 0))! > 0);
    },
  );

  it('ends a subscription with LogDiffers when it was set back and has grown', async () => {
    await ours();
    const follower = follow();
    const lost = await ours();
    await waitFor('both', async () => Promise.resolve(follower.seen.includes(lost.id)));
    fake.setBack(1);
    fake.fill(10);
    await waitFor('a failure', async () => Promise.resolve(follower.failure));
    expect(follower.failure).toMatchObject({ name: 'LogDiffers' });
  });

  it('is identified by the event at each place', async () => {
    const { id, position } = await ours();
    await expect(store.lookAt(position)).resolves.toEqual({ eventId: id, isBeyondEnd: false });
    const [, commit] = /C:(\d+)/.exec(position)!;
    const at = (n: number): Position => `C:${String(Number(commit) + n)}/P:${String(Number(commit) + n)}`;
    await expect(store.lookAt(at(-1))).resolves.toEqual({ eventId: null, isBeyondEnd: false });
    await expect(store.lookAt(at(1))).resolves.toEqual({ eventId: null, isBeyondEnd: true });
  });
});
