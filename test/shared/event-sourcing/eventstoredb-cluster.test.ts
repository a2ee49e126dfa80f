import { setTimeout } from 'node:timers/promises';
import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import { Cluster } from '../../support/eventstoredb-fake/cluster.js';
import type { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { waitFor } from '../../support/wait-for.js';
import { Random, collect, expectWholeAndOrdered, hasLast, race, within } from './event-store-support.js';

const PREFERENCES = ['leader', 'follower', 'random'] as const;
const WRITERS = 8;
const ROUNDS = 30;
const ELECTION_MS = 300;

/** The ways in which the next leader follows a leader. The second node leads afterwards. */
const CHANGES: Record<string, (cluster: Cluster, from: FakeEventStoreDb, to: FakeEventStoreDb) => Promise<void>> = {
  'steps back': async (cluster, _, to) => {
    cluster.elect(to);
  },
  'waits for replication, then steps back': async (cluster, from, to) => {
    from.notReadyFor(200);
    await waitFor('an append that waits', async () => from.waitingAppends > 0);
    cluster.elect(to);
    from.notReadyFor(0);
  },
  'is cut off': async (cluster, from, to) => {
    cluster.elect(to, [from]);
  },
  'stops in order': async (cluster, from, to) => {
    const stopped = from.stopInOrder();
    cluster.elect(to, [from]);
    await stopped;
  },
  'is killed, and the others elect': async (cluster, from, to) => {
    await from.refuseConnections();
    cluster.loseLeader();
    await setTimeout(ELECTION_MS);
    cluster.elect(to, [from]);
  },
};

/** Three nodes share one log. The product's store writes and follows over the real client. */
describe.each(PREFERENCES)('The event store in a cluster of EventStoreDB, with nodePreference=%s', (preference) => {
  const random = new Random(`a cluster, ${preference}`);
  let cluster: Cluster;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    cluster = await Cluster.start(3);
    store = new EventStoreDbEventStore(cluster.connectionString(preference), { silentMs: 100 });
  });
  afterEach(async () => {
    await store.close();
    await cluster.stop();
  });

  it('reads what it appended a moment ago, from any node', async () => {
    for (let n = 0; n < 10; n += 1) {
      const append = random.opening();
      const position = await store.append(append);
      expect((await store.read(append.stream)).at(-1)?.position).toBe(position);
    }
  });

  it.each(Object.keys(CHANGES))('brings every event once and in order when each leader %s', async (change) => {
    const category = random.category();
    const seen = collect(store, { categories: [category], maxBatch: 5 }, hasLast);
    let appended = 0;
    const written = race({
      stores: [store],
      random,
      category,
      writers: WRITERS,
      rounds: ROUNDS,
      onAppend: () => {
        appended += 1;
      },
    });
    const nodes = [...cluster.nodes];
    for (let n = 0; n < 3; n += 1) {
      const enough = Math.min(appended + 40, WRITERS * ROUNDS - 1);
      await waitFor('some appends', async () => appended >= enough);
      const [from, to] = [nodes[n % 3]!, nodes[(n + 1) % 3]!];
      await CHANGES[change]!(cluster, from, to);
      const goneOn = Math.min(appended + 20, WRITERS * ROUNDS - 1);
      await waitFor('appends at the next leader', async () => appended >= goneOn);
      await from.acceptConnections();
      cluster.elect(to);
    }
    expectWholeAndOrdered(store, await within(20_000, 'all events', seen), await written);
  });

  it('appends at the next leader when its own is cut off, although nothing is read', async () => {
    await store.append(random.opening());
    const [from, to] = cluster.nodes as [FakeEventStoreDb, FakeEventStoreDb];
    cluster.elect(to, [from]);
    for (let n = 0; n < 5; n += 1) await store.append(random.opening());
    expect(to.counters.committed).toBe(5);
  });
});

describe('The event store on EventStoreDB that is slow to replicate', () => {
  it('stores an append once when many callers send it, and gives each the position, although early repetitions are dropped', async () => {
    const cluster = await Cluster.start(1);
    const store = new EventStoreDbEventStore(cluster.connectionString('leader'));
    const random = new Random('slow replication');
    const [leader] = cluster.nodes as [FakeEventStoreDb];
    await store.append(random.opening());
    leader.notReadyFor(100);
    const append = random.opening(undefined, 2);
    const begun = performance.now();
    const positions = await Promise.all(Array.from({ length: 20 }, () => store.append(append)));
    const tookMs = performance.now() - begun;
    expect(new Set(positions).size).toBe(1);
    expect(await store.read(append.stream)).toHaveLength(2);
    expect(leader.counters.dropped).toBe(19);
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(5_000);
    await store.close();
    await cluster.stop();
  });
});
