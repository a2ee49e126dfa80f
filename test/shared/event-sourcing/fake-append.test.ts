import { randomUUID } from 'node:crypto';
import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { AppendExpectedRevision, AppendResult, EventData } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import grpc, { type StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import pb, { type BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { all, counted, countedTo, newStream, FakeAndClient } from '../../support/eventstoredb-fake/fake-and-client.js';
import { waitFor } from '../../support/wait-for.js';

/** The size of the largest append, without the type and metadata of `counted`. */
const MEBIBYTE = 1_048_576;

describe.each([
  ['BatchAppend', true],
  ['Append', false],
])('appending to the fake with %s', (_call, batchAppend) => {
  let pair: FakeAndClient;
  beforeAll(async () => {
    pair = await FakeAndClient.start({ batchAppend });
  });
  afterAll(() => pair.stop());

  const append = (
    stream: string,
    events: EventData | EventData[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult> => pair.client.appendToStream(stream, events, { expectedRevision });
  const idsIn = async (stream: string): Promise<string[]> =>
    (await all(pair.client.readStream(stream))).map(({ event }) => event!.id);
  const wrongVersion = (stream: string, expectedVersion: unknown, actualVersion: unknown): object => ({
    type: 'wrong-expected-version',
    streamName: stream,
    expectedVersion,
    actualVersion,
  });

  it('stores at the expected revision and returns the position', async () => {
    const stream = newStream();
    const first = await append(stream, countedTo(3), 'no_stream');
    const second = await append(stream, counted(), 2n);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(second).toMatchObject({ success: true, nextExpectedRevision: 3n });
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit);
    expect(second.position!.prepare).toBe(second.position!.commit);
  });

  it('is what the client uses when the server offers it', async () => {
    await append(newStream(), counted(), 'no_stream');
    expect(pair.fake.counters.singleAppends > 0).toBe(!batchAppend);
  });

  it('accepts any revision, and an existing stream on request', async () => {
    const stream = newStream();
    await append(stream, counted(), 'any');
    await append(stream, counted(), 'any');
    expect(await append(stream, counted(), 'stream_exists')).toMatchObject({ nextExpectedRevision: 2n });
  });

  it('refuses a wrong revision of every kind and returns the actual one', async () => {
    const stream = newStream();
    await expect(append(stream, counted(), 'stream_exists')).rejects.toMatchObject(
      wrongVersion(stream, 'stream_exists', 'no_stream'),
    );
    await expect(append(stream, counted(), 0n)).rejects.toMatchObject(wrongVersion(stream, 0n, 'no_stream'));
    await append(stream, countedTo(2), 'no_stream');
    await expect(append(stream, counted(), 'no_stream')).rejects.toMatchObject(wrongVersion(stream, 'no_stream', 1n));
    await expect(append(stream, counted(), 0n)).rejects.toMatchObject(wrongVersion(stream, 0n, 1n));
    await expect(append(stream, counted(), 7n)).rejects.toMatchObject(wrongVersion(stream, 7n, 1n));
    expect(await idsIn(stream)).toHaveLength(2);
  });

  it('answers a repetition at an exact revision with the first position, also when the stream has gone on', async () => {
    const stream = newStream();
    const [opening, going] = [countedTo(2), countedTo(3)];
    const first = await append(stream, opening, 'no_stream');
    const second = await append(stream, going, 1n);
    await append(stream, counted(), 4n);
    pair.fake.forgetRecentIds();
    expect(await append(stream, opening, 'no_stream')).toEqual(first);
    expect(await append(stream, going, 1n)).toEqual(second);
    expect(await append(stream, going.slice(0, 1), 1n)).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(await idsIn(stream)).toHaveLength(6);
    expect(going.map(({ id }) => pair.fake.log.timesStored(id))).toEqual([1, 1, 1]);
  });

  it('refuses an append of which only a part is stored', async () => {
    const stream = newStream();
    const events = countedTo(2);
    await append(stream, events, 'no_stream');
    await expect(append(stream, [...events, counted()], 'no_stream')).rejects.toMatchObject(
      wrongVersion(stream, 'no_stream', 1n),
    );
    await expect(append(stream, [events[0]!, counted()], 'no_stream')).rejects.toMatchObject(
      wrongVersion(stream, 'no_stream', 1n),
    );
    await expect(append(stream, [events[0]!, counted()], 'any')).rejects.toMatchObject(wrongVersion(stream, 'any', 1n));
    expect(await idsIn(stream)).toEqual(events.map(({ id }) => id));
  });

  it('remembers recent ids only for appends without an exact revision', async () => {
    const stream = newStream();
    const event = counted();
    const first = await append(stream, event, 'any');
    expect(await append(stream, event, 'any')).toEqual(first);
    expect(await append(stream, event, 'stream_exists')).toEqual(first);
    pair.fake.forgetRecentIds();
    expect(await append(stream, event, 'any')).toMatchObject({ nextExpectedRevision: 1n });
    expect(await idsIn(stream)).toEqual([event.id, event.id]);
  });

  it('accepts the same id in another stream', async () => {
    const [one, other, event] = [newStream(), newStream(), counted()];
    await append(one, event, 'any');
    await append(other, event, 'any');
    expect(pair.fake.log.timesStored(event.id)).toBe(2);
  });

  it('gives a new stream to one of many callers at the same moment', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => append(stream, counted(), 'no_stream')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await idsIn(stream)).toHaveLength(1);
  });

  it('accepts an append just below a mebibyte, in one event or many, and refuses a larger one', async () => {
    const binary = (bytes: number): EventData => ({
      id: randomUUID(),
      contentType: 'application/octet-stream',
      type: 'B',
      data: new Uint8Array(bytes),
      metadata: undefined,
    });
    const stream = newStream();
    await append(stream, binary(MEBIBYTE - 2), 'no_stream');
    await append(stream, [binary(MEBIBYTE / 2 - 2), binary(MEBIBYTE / 2 - 2)], 0n);
    const tooLarge = { type: 'maximum-append-size-exceeded', maxAppendSize: MEBIBYTE };
    await expect(append(stream, binary(MEBIBYTE), 2n)).rejects.toMatchObject(tooLarge);
    await expect(append(stream, [binary(MEBIBYTE / 2), binary(MEBIBYTE / 2)], 2n)).rejects.toMatchObject(tooLarge);
    expect(await idsIn(stream)).toHaveLength(3);
  });

  it('counts its work', async () => {
    const before = { ...pair.fake.counters };
    const [stream, event] = [newStream(), counted()];
    await append(stream, event, 'no_stream');
    await append(stream, event, 'no_stream');
    await append(stream, counted(), 'no_stream').catch(() => undefined);
    expect(pair.fake.counters).toMatchObject({
      committed: before.committed + 1,
      repeated: before.repeated + 1,
      wrongRevisions: before.wrongRevisions + 1,
    });
  });
});

describe('BatchAppend on the fake', () => {
  let pair: FakeAndClient;
  beforeAll(async () => {
    pair = await FakeAndClient.start();
  });
  afterAll(() => pair.stop());

  it('answers a thousand appends at the same moment, each with its own outcome', async () => {
    const streams = Array.from({ length: 1000 }, () => newStream());
    const taken = new Set(streams.filter((_, n) => n % 10 === 0));
    const open = (stream: string): Promise<AppendResult> =>
      pair.client.appendToStream(stream, counted(), { expectedRevision: 'no_stream' });
    await Promise.all([...taken].map(open));
    const outcomes = await Promise.allSettled(streams.map(open));
    expect(outcomes.map(({ status }) => status)).toEqual(
      streams.map((stream) => (taken.has(stream) ? 'rejected' : 'fulfilled')),
    );
    expect(pair.fake.counters).toMatchObject({ committed: 1000, wrongRevisions: 100 });
  });

  it('joins an append that came in several parts', async () => {
    const stream = newStream();
    await pair.client.appendToStream(stream, countedTo(40), { expectedRevision: 'no_stream', batchAppendSize: 300 });
    expect((await all(pair.client.readStream(stream))).map(({ event }) => event!.revision)).toEqual(
      Array.from({ length: 40 }, (_, n) => BigInt(n)),
    );
  });

  it('refuses an append whose deadline has passed', async () => {
    const stream = newStream();
    await expect(
      pair.client.appendToStream(stream, counted(), { expectedRevision: 'no_stream', deadline: -1 }),
    ).rejects.toMatchObject({ type: 'deadline-exceeded' });
    expect(pair.fake.log.stream(stream)).toBeUndefined();
  });

  describe('in parts', () => {
    const FAR = 60_000;
    /** One part of an append. Only the first part has its stream and deadline. */
    const part = (
      id: string,
      { stream, inMs = FAR, isFinal = false }: { stream?: string; inMs?: number; isFinal?: boolean },
    ): BatchAppendReq => {
      const { id: eventId } = counted();
      const message = new pb.BatchAppendReq.ProposedMessage().setId(new shared.UUID().setString(eventId));
      message.getMetadataMap().set('type', 'Counted').set('content-type', 'application/json');
      const request = new pb.BatchAppendReq().setCorrelationId(new shared.UUID().setString(id)).setIsFinal(isFinal);
      request.addProposedMessages(message);
      if (stream === undefined) return request;
      const deadline = timestampPb.Timestamp.fromDate(new Date(Date.now() + inMs));
      const name = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
      return request.setOptions(
        new pb.BatchAppendReq.Options().setStreamIdentifier(name).setNoStream(new shared.Empty()).setDeadline(deadline),
      );
    };
    let raw: StreamsClient;
    let call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>;
    let answers: BatchAppendResp[];
    beforeEach(() => {
      raw = new grpc.StreamsClient(`127.0.0.1:${String(pair.fake.port)}`, credentials.createInsecure());
      call = raw.batchAppend();
      answers = [];
      call
        .on('data', (answer: BatchAppendResp) => {
          answers.push(answer);
        })
        .on('error', () => undefined);
    });
    afterEach(() => {
      call.cancel();
      raw.close();
    });
    /** The answers so far: the error's message, or the stream's revision. */
    const told = (): string[] =>
      answers.map((answer) => answer.getError()?.getMessage() ?? answer.getSuccess()!.getCurrentRevision());
    const answered = (count: number): Promise<true> =>
      waitFor(`answer ${String(count)}`, async () => answers.length >= count && true);

    it('is refused on its first part when its deadline has passed, and its other parts are skipped', async () => {
      const [late, next] = [newStream(), newStream()];
      const id = randomUUID();
      call.write(part(id, { stream: late, inMs: -1 }));
      await answered(1);
      call.write(part(id, { isFinal: true }));
      call.write(part(randomUUID(), { stream: next, isFinal: true }));
      await answered(2);
      expect(told()).toEqual(['Timeout', '0']);
      expect(pair.fake.log.stream(late)).toBeUndefined();
    });

    it.each([
      ['its deadline', 100],
      ["the server's limit of two seconds", FAR],
    ])('is refused when %s passes before the last part comes', async (_, inMs) => {
      const stream = newStream();
      const [id, begun] = [randomUUID(), performance.now()];
      call.write(part(id, { stream, inMs }));
      await answered(1);
      expect(performance.now() - begun).toBeGreaterThan(Math.min(inMs, 2_000) * 0.9);
      call.write(part(id, { isFinal: true }));
      call.write(part(randomUUID(), { stream: newStream(), isFinal: true }));
      await answered(2);
      expect(told()).toEqual(['Timeout', '0']);
      expect(pair.fake.log.stream(stream)).toBeUndefined();
    });

    it('is stored when the last part comes in time, and answered once', async () => {
      const [stream, id] = [newStream(), randomUUID()];
      call.write(part(id, { stream, inMs: 500 }));
      call.write(part(id, { isFinal: true }));
      // The last part of this append never comes. Its answer proves that the first append's deadline has passed too.
      call.write(part(randomUUID(), { stream: newStream(), inMs: 600 }));
      await answered(2);
      expect(told()).toEqual(['1', 'Timeout']);
    });
  });
});
