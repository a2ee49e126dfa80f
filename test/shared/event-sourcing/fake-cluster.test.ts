import { EventStoreDBClient, type AppendResult } from '@eventstore/db-client';
import { Cluster } from '../../support/eventstoredb-fake/cluster.js';
import type { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { all, counted, Heard, newStream } from '../../support/eventstoredb-fake/fake-and-client.js';
import { waitFor } from '../../support/wait-for.js';

const LEADER = { requiresLeader: true };

/** The answers of a cluster's node to a client that is connected to this node alone. */
describe('a follower among the fakes', () => {
  let cluster: Cluster;
  let leader: FakeEventStoreDb;
  let follower: FakeEventStoreDb;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    cluster = await Cluster.start(2);
    [leader, follower] = cluster.nodes as [FakeEventStoreDb, FakeEventStoreDb];
    client = EventStoreDBClient.connectionString(follower.connectionString);
  });
  afterEach(async () => {
    await client.dispose();
    await cluster.stop();
  });

  const append = (options = {}): Promise<AppendResult> =>
    client.appendToStream(newStream(), counted(), { expectedRevision: 'no_stream', ...options });
  /** A call with credentials of its own is an Append, and not a part of a BatchAppend. */
  const singly = { credentials: { username: 'somebody', password: 'changeit' } };
  const calls: Record<string, (options: object) => Promise<unknown>> = {
    'an append': async (options) => append({ ...singly, ...options }),
    'a batch append': async (options) => append(options),
    'a read of a stream': async (options) => all(client.readStream('$users', options)),
    'a read of $all': async (options) => all(client.readAll({ maxCount: 1, ...options })),
    'a read of $all backwards': async (options) =>
      all(client.readAll({ maxCount: 1, direction: 'backwards', fromPosition: 'end', ...options })),
  };
  const subscribed = (options: object): Heard => new Heard(client.subscribeToAll(options));
  const tells = (heard: Heard, what: string): Promise<true> =>
    waitFor(what, async () => heard.told.includes(what) && true);

  it.each(Object.keys(calls))('refuses %s that requires the leader, and names the leader', async (call) => {
    await expect(calls[call]!(LEADER)).rejects.toMatchObject({
      type: 'not-leader',
      leader: { address: '127.0.0.1', port: leader.port },
    });
    await calls[call]!(LEADER);
  });

  it.each(Object.keys(calls))('accepts %s that does not require it, and forwards an append', async (call) => {
    await calls[call]!({});
    expect([leader, follower].map(({ counters }) => counters.committed)).toEqual([call.includes('append') ? 1 : 0, 0]);
  });

  it('confirms a subscription that requires the leader, and refuses to bring existing events', async () => {
    const heard = subscribed({ ...LEADER, fromPosition: 'start' });
    await tells(heard, 'not-leader');
    expect(heard.told).toEqual(['confirmed', 'not-leader']);
  });

  it('brings live events also to a subscription that requires the leader, as a former leader does', async () => {
    const heard = subscribed({ ...LEADER, fromPosition: 'end' });
    await tells(heard, 'caught-up');
    const event = counted();
    await client.appendToStream(newStream(), event, { expectedRevision: 'no_stream' });
    await tells(heard, event.id);
  });

  it('is not ready without a leader, except for reads that do not require one', async () => {
    follower.knowNoLeader();
    for (const call of ['a read of a stream', 'a read of $all', 'a read of $all backwards']) {
      await expect(calls[call]!(LEADER)).rejects.toMatchObject({ type: 'unavailable' });
      await calls[call]!({});
    }
    await expect(append({ ...singly })).rejects.toMatchObject({ type: 'unavailable' });
    await expect(append()).rejects.toMatchObject({
      type: 'unknown',
      message: expect.stringContaining('Server Is Not Ready') as unknown,
    });
    expect(leader.log.records.some(({ type }) => type === 'Counted')).toBe(false);
  });

  it('reports a timeout for an append that its leader does not accept', async () => {
    await append();
    await leader.refuseConnections();
    await expect(append()).rejects.toMatchObject({ type: 'deadline-exceeded' });
    expect(leader.counters.committed).toBe(1);
  });

  it('answers appends that wait for it as a former leader with a timeout', async () => {
    cluster.elect(follower);
    await append();
    follower.notReadyFor(60_000);
    const event = counted();
    const waiting = expect(
      client.appendToStream(newStream(), event, { expectedRevision: 'no_stream' }),
    ).rejects.toMatchObject({ type: 'deadline-exceeded' });
    await waitFor('written', async () => follower.log.timesStored(event.id) === 1);
    cluster.elect(leader);
    await waiting;
  });
});
