import { setTimeout } from 'node:timers/promises';
import { EventStoreDBClient, type AppendResult } from '@eventstore/db-client';
import { waitFor } from '../../support/wait-for.js';
import { all, counted, Heard, newStream, FakeAndClient } from '../../support/eventstoredb-fake/fake-and-client.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { FakeProcess } from '../../support/eventstoredb-fake/fake-process.js';

/** Long enough to have no other cause, and short enough to wait for. */
const NOTICEABLE_MS = 300;

describe('faults of the fake', () => {
  let pair: FakeAndClient;
  beforeEach(async () => {
    pair = await FakeAndClient.start();
  });
  afterEach(() => pair.stop());

  const append = (stream = newStream(), event = counted()): Promise<AppendResult> =>
    pair.client.appendToStream(stream, event, { expectedRevision: 'no_stream' });
  const read = (stream: string): Promise<unknown[]> => all(pair.client.readStream(stream));
  const subscribed = async (): Promise<Heard> => {
    const heard = new Heard(pair.client.subscribeToAll({ fromPosition: 'end' }));
    await waitFor('live', async () => heard.told.includes('caught-up'));
    return heard;
  };
  const tells = (heard: Heard, what: string): Promise<true> =>
    waitFor(what, async () => heard.told.includes(what) && true);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  /** The client notices only by a failed call or two that it must connect again. */
  const worksAgain = (): Promise<AppendResult> => waitFor('an append', () => append().catch(() => false as const));

  it('refuses connections, then accepts them on the same port with the same log', async () => {
    const [stream, event] = [newStream(), counted()];
    const first = await append(stream, event);
    const { port } = pair.fake;
    await pair.fake.refuseConnections();
    await expect(append()).rejects.toMatchObject({ code: 14 });
    await expect(read(stream)).rejects.toMatchObject({ code: 14 });
    await pair.fake.acceptConnections();
    await worksAgain();
    expect(pair.fake.port).toBe(port);
    expect(await append(stream, event)).toEqual(first);
    expect(await read(stream)).toHaveLength(1);
  });

  it('breaks connections, and loses the calls and answers on them', async () => {
    await append();
    const heard = await subscribed();
    pair.fake.stall(60_000);
    const failed = Promise.all(
      [append(), read(newStream())].map((call) => expect(call).rejects.toMatchObject({ type: 'unavailable' })),
    );
    await waitFor('calls sent', async () => pair.fake.heldWork >= 2);
    pair.fake.dropConnections();
    await failed;
    await tells(heard, 'unavailable');
    pair.fake.stall(0);
    await worksAgain();
  });

  it('restarts with its log, and without the ids that it remembers for any revision', async () => {
    const [stream, event] = [newStream(), counted()];
    await pair.client.appendToStream(stream, event, { expectedRevision: 'any' });
    await pair.fake.restart();
    await worksAgain();
    expect(await pair.client.appendToStream(stream, event, { expectedRevision: 'any' })).toMatchObject({
      nextExpectedRevision: 1n,
    });
    expect(pair.fake.log.timesStored(event.id)).toBe(2);
  });

  it('stalls with open connections, and works again afterwards', async () => {
    const heard = await subscribed();
    const stream = newStream();
    const event = counted();
    pair.fake.stall(NOTICEABLE_MS);
    const waited = timed(() => append(stream, event));
    await waitFor('sent', async () => pair.fake.heldWork > 0);
    expect(pair.fake.log.timesStored(event.id)).toBe(0);
    expect(heard.told).not.toContain(event.id);
    expect(pair.fake.openConnections).toBe(1);
    expect(await waited).toBeGreaterThan(NOTICEABLE_MS * 0.8);
    await tells(heard, event.id);
    expect(await read(stream)).toHaveLength(1);
  });

  it('does its work at once, and answers late', async () => {
    await append();
    pair.fake.answerLate(NOTICEABLE_MS);
    const event = counted();
    const waited = timed(() => append(newStream(), event));
    await waitFor('stored', async () => pair.fake.log.timesStored(event.id) === 1);
    expect(await waited).toBeGreaterThan(NOTICEABLE_MS * 0.8);
    expect(await timed(() => all(pair.client.readAll({ maxCount: 1 })))).toBeGreaterThan(NOTICEABLE_MS * 0.8);
    pair.fake.answerLate(0);
    expect(await timed(() => append())).toBeLessThan(NOTICEABLE_MS * 0.8);
  });

  it('loses the answer to an append that it stored, and answers the same append again', async () => {
    const [stream, event] = [newStream(), counted()];
    await append();
    pair.fake.loseAnswers(1);
    await expect(append(stream, event)).rejects.toMatchObject({ type: 'unavailable' });
    expect(pair.fake.log.timesStored(event.id)).toBe(1);
    const again = await waitFor('an answer', () => append(stream, event).catch(() => false as const));
    expect(again).toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect(pair.fake.log.timesStored(event.id)).toBe(1);
    expect(pair.fake.counters).toMatchObject({ answersLost: 1, repeated: 1 });
  });

  it('ends subscriptions without an error', async () => {
    const heard = await subscribed();
    pair.fake.endSubscriptions();
    await tells(heard, 'ended');
    expect(heard.told).toEqual(['confirmed', 'caught-up', 'ended']);
    expect(pair.fake.openSubscriptions).toBe(0);
  });

  it.each(['unavailable', 'deadline-exceeded', 'timeout', 'cancelled'] as const)(
    'ends subscriptions with the error %s, or refuses them',
    async (failure) => {
      const heard = await subscribed();
      pair.fake.failSubscriptions(failure);
      await tells(heard, failure);
      pair.fake.refuseSubscriptions(1, failure);
      const refused = new Heard(pair.client.subscribeToAll({ fromPosition: 'end' }));
      await tells(refused, failure);
      expect(refused.told).toEqual([failure]);
      await subscribed();
    },
  );

  it.each([
    ['unavailable', 'unavailable'],
    ['deadline-exceeded', 'deadline-exceeded'],
    ['timeout', 'timeout'],
    ['timeout-before-commit', 'deadline-exceeded'],
    ['busy', 'unknown'],
  ] as const)('refuses appends as %s, which the client calls %s', async (failure, type) => {
    const event = counted();
    pair.fake.failAppends(1, failure);
    await expect(append(newStream(), event)).rejects.toMatchObject({ type });
    expect(pair.fake.log.timesStored(event.id)).toBe(0);
    await worksAgain();
  });

  it('reports a timeout for an append that it stored', async () => {
    const [stream, event] = [newStream(), counted()];
    pair.fake.failAppends(1, 'timeout-after-commit');
    await expect(append(stream, event)).rejects.toMatchObject({ type: 'deadline-exceeded' });
    expect(pair.fake.log.timesStored(event.id)).toBe(1);
    expect(await append(stream, event)).toMatchObject({ success: true });
  });

  it('drops an append that is repeated before its replication, and answers it with a timeout after two seconds', async () => {
    await append();
    pair.fake.notReadyFor(NOTICEABLE_MS);
    const [stream, event] = [newStream(), counted()];
    const [first, early] = [
      timed(() => append(stream, event)),
      timed(() => expect(append(stream, event)).rejects.toMatchObject({ type: 'deadline-exceeded' })),
    ];
    expect(await first).toBeGreaterThan(NOTICEABLE_MS * 0.8);
    expect(await append(stream, event)).toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect(await early).toBeGreaterThan(1_900);
    expect(pair.fake.log.timesStored(event.id)).toBe(1);
    expect(pair.fake.counters).toMatchObject({ committed: 2, repeated: 1, dropped: 1 });
  });

  it('stops in order, so that calls under way are cancelled and new calls find no server', async () => {
    await append();
    const heard = await subscribed();
    const { port } = pair.fake;
    pair.fake.stall(60_000);
    const failed = Promise.all(
      [append(), read(newStream())].map((call) => expect(call).rejects.toMatchObject({ type: 'cancelled' })),
    );
    await waitFor('calls sent', async () => pair.fake.heldWork >= 2);
    await pair.fake.stopInOrder();
    await failed;
    await tells(heard, 'cancelled');
    expect(heard.told).toEqual(['confirmed', 'caught-up', 'cancelled']);
    await expect(append()).rejects.toMatchObject({ code: 14 });
    await pair.fake.acceptConnections();
    await worksAgain();
    expect(pair.fake.port).toBe(port);
  });

  const singly = { credentials: { username: 'somebody', password: 'changeit' } };
  it.each(['access-denied', 'unauthenticated'] as const)(
    'denies access as %s, which the client calls access-denied',
    async (how) => {
      if (how === 'access-denied') await append();
      pair.fake.denyAccess(how);
      const calls = [
        () => append(),
        () => pair.client.appendToStream(newStream(), counted(), singly),
        () => read('$users'),
        () => all(pair.client.readAll({ maxCount: 1 })),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ type: 'access-denied' });
      const refused = new Heard(pair.client.subscribeToAll({ fromPosition: 'end' }));
      await tells(refused, 'access-denied');
      expect(refused.told).toEqual(['access-denied']);
      pair.fake.grantAccess();
      await append();
      expect(await read('$users')).toHaveLength(1);
    },
  );

  it.each([
    ['access-denied', ['confirmed', 'caught-up', 'access-denied']],
    ['unauthenticated', ['confirmed', 'caught-up']],
  ] as const)('ends a subscription under way only when a right is taken away: %s', async (how, told) => {
    const heard = await subscribed();
    pair.fake.denyAccess(how);
    await expect(read('$users')).rejects.toMatchObject({ type: 'access-denied' });
    if (how === 'access-denied') await tells(heard, how);
    expect(heard.told).toEqual(told);
  });

  it('names the leader to a client that appends, and the client goes there', async () => {
    const leader = await FakeEventStoreDb.start({ log: pair.fake.log });
    pair.fake.failAppends(1, { notLeader: { host: '127.0.0.1', port: leader.port } });
    await expect(append()).rejects.toMatchObject({
      type: 'not-leader',
      leader: { address: '127.0.0.1', port: leader.port },
    });
    await append();
    expect([pair.fake.counters.committed, leader.counters.committed]).toEqual([0, 1]);
    await pair.client.dispose();
    await leader.stop();
  });
});

describe('a cluster of fakes', () => {
  it('shows its leader to a client, and the next leader after that', async () => {
    const first = await FakeEventStoreDb.start();
    const nodes = [
      first,
      await FakeEventStoreDb.start({ log: first.log }),
      await FakeEventStoreDb.start({ log: first.log }),
    ];
    const lead = (leader: FakeEventStoreDb, alive = nodes): void => {
      const members = nodes.map((node) => node.member(node === leader ? 'leader' : 'follower', alive.includes(node)));
      for (const node of nodes) node.showCluster(members);
    };
    const client = EventStoreDBClient.connectionString(
      `esdb://${nodes.map(({ port }) => `127.0.0.1:${String(port)}`).join()}?tls=false&nodePreference=leader`,
    );
    const append = (): Promise<AppendResult> =>
      client.appendToStream(newStream(), counted(), { expectedRevision: 'no_stream' });
    const committed = (): number[] => nodes.map(({ counters }) => counters.committed);
    lead(nodes[1]!);
    await append();
    expect(committed()).toEqual([0, 1, 0]);
    await nodes[1]!.refuseConnections();
    lead(nodes[2]!, [nodes[0]!, nodes[2]!]);
    await waitFor('an append at the next leader', () => append().catch(() => false as const));
    expect(committed()).toEqual([0, 1, 1]);
    await client.dispose();
    await Promise.all(nodes.map((node) => node.stop()));
  });
});

describe('the fake as a process of its own', () => {
  it('follows commands, can be suspended, and is gone when it is killed', async () => {
    const fake = await FakeProcess.start();
    const client = EventStoreDBClient.connectionString(fake.connectionString);
    const append = (): Promise<AppendResult> =>
      client.appendToStream(newStream(), counted(), { expectedRevision: 'no_stream' });
    await append();
    expect(await fake.value('counters')).toMatchObject({ committed: 1 });
    fake.freeze();
    const appending = append();
    let settled = false;
    void appending.finally(() => {
      settled = true;
    });
    const reading = expect(all(client.readAll({ maxCount: 1 }))).resolves.toHaveLength(1);
    await setTimeout(NOTICEABLE_MS);
    expect(settled).toBe(false);
    fake.thaw();
    await Promise.all([appending, reading]);
    await fake.call('failAppends', 1, 'busy');
    await expect(append()).rejects.toMatchObject({ type: 'unknown' });
    await fake.kill();
    await expect(append()).rejects.toMatchObject({ code: 14 });
    await client.dispose();
  });
});
