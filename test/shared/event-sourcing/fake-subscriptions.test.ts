import { randomUUID } from 'node:crypto';
import {
  eventTypeFilter,
  streamNameFilter,
  type Filter,
  type Position,
  type SubscribeToAllOptions,
} from '@eventstore/db-client';
import { waitFor } from '../../support/wait-for.js';
import {
  all,
  counted,
  countedTo,
  Heard,
  newStream,
  FakeAndClient,
} from '../../support/eventstoredb-fake/fake-and-client.js';

describe('subscribing to the fake', () => {
  let pair: FakeAndClient;
  beforeAll(async () => {
    pair = await FakeAndClient.start();
  });
  afterEach(() => pair.client.dispose());
  afterAll(() => pair.stop());

  const append = async (stream: string, count = 1, type?: string): Promise<string[]> => {
    const events = Array.from({ length: count }, (_, n) => counted(n, type));
    await pair.client.appendToStream(stream, events, { expectedRevision: 'any' });
    return events.map(({ id }) => id);
  };
  const category = (): string => `c${randomUUID().replaceAll('-', '')}`;
  const toAll = (options: SubscribeToAllOptions): Heard => new Heard(pair.client.subscribeToAll(options));
  const told = (heard: Heard, what: string[]): Promise<true> =>
    waitFor(
      `${what.join()} told, not ${heard.told.join()}`,
      async () => heard.told.length >= what.length && (expect(heard.told).toEqual(what), true),
    );

  it('brings existing events, then says that it caught up, then brings new events', async () => {
    const own = category();
    const there = await append(newStream(own), 3);
    const heard = toAll({ filter: streamNameFilter({ prefixes: [`${own}-`] }) });
    await told(heard, ['confirmed', ...there, 'caught-up']);
    const coming = [...(await append(newStream(own))), ...(await append(newStream(own), 2))];
    await told(heard, ['confirmed', ...there, 'caught-up', ...coming]);
  });

  it('starts after a position, or with new events', async () => {
    const own = category();
    const filter = streamNameFilter({ prefixes: [`${own}-`] });
    const [first, ...rest] = await append(newStream(own), 3);
    const record = pair.fake.log.records.find(({ id }) => id === first)!;
    const fromPosition = { commit: BigInt(record.position), prepare: BigInt(record.position) };
    const [after, live] = [toAll({ filter, fromPosition }), toAll({ filter, fromPosition: 'end' })];
    await told(live, ['confirmed', 'caught-up']);
    const coming = await append(newStream(own));
    await told(after, ['confirmed', ...rest, 'caught-up', ...coming]);
    await told(live, ['confirmed', 'caught-up', ...coming]);
  });

  it('of one stream starts after a revision, also before the stream exists', async () => {
    const stream = newStream();
    const early = new Heard(pair.client.subscribeToStream(stream));
    await told(early, ['confirmed', 'caught-up']);
    const ids = await append(stream, 4);
    await told(early, ['confirmed', 'caught-up', ...ids]);
    const late = new Heard(pair.client.subscribeToStream(stream, { fromRevision: 1n }));
    await told(late, ['confirmed', ...ids.slice(2), 'caught-up']);
    await append(newStream());
    await told(late, ['confirmed', ...ids.slice(2), 'caught-up', ...(await append(stream))]);
  });

  it('brings only events that match its filter', async () => {
    const own = category();
    const [one, other] = [newStream(`${own}x`), newStream(`${own}y`)];
    const [ones, others] = [await append(one, 1, `${own}A`), await append(other, 1, `${own}B`)];
    const filters: [Filter, string[]][] = [
      [streamNameFilter({ prefixes: [`${own}x-`] }), ones],
      [streamNameFilter({ prefixes: ['nothing-', `${own}y-`, `${own}x-`] }), [...ones, ...others]],
      [streamNameFilter({ regex: `^${own}[yz]-` }), others],
      [eventTypeFilter({ prefixes: [`${own}B`] }), others],
      [eventTypeFilter({ regex: `^${own}[AB]$` }), [...ones, ...others]],
    ];
    for (const [filter, ids] of filters) await told(toAll({ filter }), ['confirmed', ...ids, 'caught-up']);
  });

  it("brings the server's own events when it has no filter", async () => {
    const heard = toAll({});
    await waitFor('caught up', async () => heard.told.includes('caught-up'));
    expect(heard.told.slice(1, -1)).toEqual(pair.fake.log.records.map(({ id }) => id));
  });

  it('brings checkpoints that grow, also past events that the filter leaves out', async () => {
    const own = category();
    await append(newStream(), 40);
    const positions: Position[] = [];
    const checkpointReached = async (_: unknown, position: Position): Promise<void> => {
      positions.push(position);
    };
    const filter = streamNameFilter({
      prefixes: [`${own}-`],
      maxSearchWindow: 5,
      checkpointInterval: 2,
      checkpointReached,
    });
    const heard = toAll({ filter });
    await told(heard, ['confirmed', 'caught-up']);
    const { records } = pair.fake.log;
    const expected = [
      ...records.filter((_, n) => n % 10 === 9),
      ...(records.length % 10 === 0 ? [] : [records.at(-1)!]),
    ];
    expect(positions.map(({ commit }) => Number(commit))).toEqual(expected.map(({ position }) => position));
    const sofar = positions.length;
    await append(newStream(), 30);
    await waitFor('three more checkpoints', async () => positions.length >= sofar + 3);
    expect(heard.told).toEqual(['confirmed', 'caught-up']);
  });

  it('accepts a position beyond the end and skips events before it', async () => {
    const stream = newStream();
    const commit = BigInt(pair.fake.log.head + 500);
    const heard = toAll({ fromPosition: { commit, prepare: commit } });
    await told(heard, ['confirmed', 'caught-up']);
    const ids = await append(stream, 10);
    await waitFor('the last event', async () => heard.told.includes(ids.at(-1)!));
    expect(heard.told).not.toContain(ids[0]);
    expect(await all(pair.client.readStream(stream))).toHaveLength(10);
  });

  it('refuses a position inside a record', async () => {
    await append(newStream(), 2);
    const commit = BigInt(pair.fake.log.head - 1);
    const heard = toAll({ fromPosition: { commit, prepare: commit } });
    await waitFor('an error', async () => heard.told.includes('unknown'));
    expect(heard.told).toEqual(['unknown']);
  });

  it('says when the reader fell behind, and when it caught up again', async () => {
    const own = category();
    const subscription = pair.client.subscribeToAll({ filter: streamNameFilter({ prefixes: [`${own}-`] }) });
    const said: string[] = [];
    subscription.on('caughtUp', () => said.push('caught-up')).on('fellBehind', () => said.push('fell-behind'));
    const seen: string[] = [];
    const ids = await append(newStream(own));
    const reading = (async () => {
      for await (const { event } of subscription) {
        if (event!.id === ids[0]) await waitFor('more than the reader takes', async () => ids.length > 1000);
        if (seen.push(event!.id) === 1001) break;
      }
    })();
    await waitFor('one read', async () => said.includes('caught-up'));
    for (let n = 0; n < 10; n += 1) {
      const events = countedTo(100).map((event) => ({ ...event, metadata: { padding: '.'.repeat(2000) } }));
      await pair.client.appendToStream(newStream(own), events, { expectedRevision: 'no_stream' });
      ids.push(...events.map(({ id }) => id));
    }
    await reading;
    expect(seen).toEqual(ids);
    expect(said.slice(0, 2)).toEqual(['caught-up', 'fell-behind']);
  });

  it('ends on the server when the client leaves', async () => {
    const subscription = pair.client.subscribeToAll({ fromPosition: 'end' });
    await waitFor('open', async () => pair.fake.openSubscriptions === 1);
    await subscription.unsubscribe();
    await waitFor('closed', async () => pair.fake.openSubscriptions === 0);
  });
});
