import { randomUUID } from 'node:crypto';
import { excludeSystemEvents, type AllStreamResolvedEvent, type ReadAllOptions } from '@eventstore/db-client';
import { all, counted, countedTo, newStream, FakeAndClient } from '../../support/eventstoredb-fake/fake-and-client.js';

describe('reading from the fake', () => {
  let pair: FakeAndClient;
  beforeAll(async () => {
    pair = await FakeAndClient.start();
  });
  afterAll(() => pair.stop());

  const streamOf = async (count: number): Promise<string> => {
    const stream = newStream();
    await pair.client.appendToStream(stream, countedTo(count), { expectedRevision: 'no_stream' });
    return stream;
  };
  const readAll = (options: ReadAllOptions = {}): Promise<AllStreamResolvedEvent[]> =>
    all(pair.client.readAll(options));
  const revisions = async (
    stream: string,
    options: Parameters<typeof pair.client.readStream>[1] = {},
  ): Promise<number[]> =>
    (await all(pair.client.readStream(stream, options))).map(({ event }) => Number(event!.revision));

  describe('a stream', () => {
    it('is read forwards, backwards, from a revision on and up to a limit', async () => {
      const stream = await streamOf(6);
      expect(await revisions(stream)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await revisions(stream, { fromRevision: 4n })).toEqual([4, 5]);
      expect(await revisions(stream, { fromRevision: 2n, maxCount: 2 })).toEqual([2, 3]);
      expect(await revisions(stream, { direction: 'backwards', fromRevision: 'end' })).toEqual([5, 4, 3, 2, 1, 0]);
      expect(await revisions(stream, { direction: 'backwards', fromRevision: 2n })).toEqual([2, 1, 0]);
      expect(await revisions(stream, { direction: 'backwards', fromRevision: 'end', maxCount: 1 })).toEqual([5]);
    });

    it('has nothing after its end', async () => {
      const stream = await streamOf(2);
      expect(await revisions(stream, { fromRevision: 2n })).toEqual([]);
      expect(await revisions(stream, { fromRevision: 99n })).toEqual([]);
      expect(await revisions(stream, { direction: 'backwards', fromRevision: 99n })).toEqual([1, 0]);
    });

    it('is not found when it never had an event', async () => {
      const stream = newStream();
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream });
    });

    it('shows readers of the stream what its metadata allow, and shows readers of $all everything', async () => {
      const stream = await streamOf(4);
      await pair.client.setStreamMetadata(stream, { maxCount: 3 });
      expect(await revisions(stream)).toEqual([1, 2, 3]);
      expect(await revisions(stream, { fromRevision: 2n })).toEqual([2, 3]);
      await pair.client.setStreamMetadata(stream, { truncateBefore: 2 });
      expect(await revisions(stream, { direction: 'backwards', fromRevision: 'end' })).toEqual([3, 2]);
      await pair.client.setStreamMetadata(stream, { truncateBefore: 4 });
      expect(await revisions(stream)).toEqual([]);
      expect((await readAll()).filter(({ event }) => event!.streamId === stream)).toHaveLength(4);
    });

    it('that was deleted is not found until a caller appends to it as to a new one, and continues after its last event', async () => {
      const stream = await streamOf(2);
      await pair.client.deleteStream(stream);
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
      const { nextExpectedRevision } = await pair.client.appendToStream(stream, counted(), {
        expectedRevision: 'no_stream',
      });
      expect([nextExpectedRevision, await revisions(stream)]).toEqual([2n, [2]]);
      expect((await pair.client.getStreamMetadata(stream)).metadata).toMatchObject({ truncateBefore: 2 });
    });

    it('that was tombstoned is deleted for readers and writers, and ends in an event of the server', async () => {
      const stream = await streamOf(1);
      await pair.client.tombstoneStream(stream);
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-deleted', streamName: stream });
      await expect(pair.client.appendToStream(stream, counted())).rejects.toMatchObject({ type: 'stream-deleted' });
      const last = (await readAll()).findLast(({ event }) => event!.streamId === stream)!.event!;
      expect([last.type, last.revision]).toEqual(['$streamDeleted', 2n ** 63n - 1n]);
    });

    it('is read whole when it is longer than what is sent at once', async () => {
      const stream = await streamOf(1000);
      expect(await revisions(stream)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    });

    it('gives events as they were sent, with their time and their place in $all', async () => {
      const stream = newStream('größe');
      const json = counted(7);
      const binary = {
        id: randomUUID(),
        contentType: 'application/octet-stream',
        type: 'Bytes',
        data: Uint8Array.of(0, 1, 255),
        metadata: undefined,
      } as const;
      const before = Date.now() - 1;
      const { position } = await pair.client.appendToStream(stream, [json, binary], { expectedRevision: 'no_stream' });
      const [first, second] = (await all(pair.client.readStream(stream))).map(({ event }) => event!);
      expect(first).toMatchObject({
        id: json.id,
        streamId: stream,
        type: 'Counted',
        isJson: true,
        data: { n: 7 },
        metadata: { why: 'a test' },
      });
      expect(second).toMatchObject({ id: binary.id, type: 'Bytes', isJson: false, metadata: undefined, position });
      expect([...(second!.data as Uint8Array)]).toEqual([0, 1, 255]);
      expect(first!.created.getTime()).toBeGreaterThanOrEqual(before);
      expect(first!.created.getTime()).toBeLessThanOrEqual(Date.now());
    });
  });

  describe('$all', () => {
    it('has positions that grow by the size of each record', async () => {
      await streamOf(5);
      const read = (await readAll()).map(({ event }) => event!);
      const gaps = read.slice(1).map((event, n) => Number(event.position.commit - read[n]!.position.commit));
      expect(Math.min(...gaps)).toBeGreaterThan(100);
      expect(new Set(gaps).size).toBeGreaterThan(1);
      expect(read.every(({ position }) => position.commit === position.prepare)).toBe(true);
    });

    it('is read from a position, forwards with its event and backwards without it', async () => {
      await streamOf(3);
      const [third, second, first] = await readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 3 });
      const fromPosition = second!.event!.position;
      expect((await readAll({ fromPosition })).map(({ event }) => event!.id)).toEqual([
        second!.event!.id,
        third!.event!.id,
      ]);
      expect(
        (await readAll({ fromPosition, direction: 'backwards', maxCount: 1 })).map(({ event }) => event!.id),
      ).toEqual([first!.event!.id]);
      expect(await readAll({ fromPosition: 'end' })).toEqual([]);
    });

    it('refuses a position at which no record begins', async () => {
      await streamOf(2);
      const [last] = await readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 });
      const commit = last!.event!.position.commit - 1n;
      await expect(readAll({ fromPosition: { commit, prepare: commit } })).rejects.toThrow('InvalidPosition');
    });

    it("contains the server's own events, at the beginning and in between", async () => {
      await Promise.all(Array.from({ length: 60 }, () => streamOf(1)));
      const types = (await readAll()).map(({ event }) => event!.type);
      expect(types[0]).toBe('$metadata');
      expect(types.slice(10)).toContain('$statsCollected');
      const subscription = pair.client.subscribeToAll({ filter: excludeSystemEvents() });
      const seen: string[] = [];
      for await (const { event } of subscription) {
        seen.push(event!.type);
        if (seen.length === types.filter((type) => !type.startsWith('$')).length) break;
      }
      expect(seen.filter((type) => type.startsWith('$'))).toEqual([]);
    });

    it('contains the metadata of streams', async () => {
      const stream = await streamOf(1);
      await pair.client.setStreamMetadata(stream, { maxCount: 10 });
      const [last] = await readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 });
      expect(last!.event).toMatchObject({ streamId: `$$${stream}`, type: '$metadata', data: { $maxCount: 10 } });
      expect((await pair.client.getStreamMetadata(stream)).metadata).toMatchObject({ maxCount: 10 });
    });
  });
});
