import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, type EventData } from '@eventstore/db-client';
import { StandIn } from '../../support/eventstoredb-stand-in/stand-in.js';

describe('stand-in', () => {
  let standIn: StandIn;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    standIn = await StandIn.start();
    client = EventStoreDBClient.connectionString(standIn.connectionString);
  });
  afterAll(async () => {
    await client.dispose();
    await standIn.stop();
  });
  const event = (n = 0): EventData => jsonEvent({ id: randomUUID(), type: 'Counted', data: { n }, metadata: { why: 'test' } });

  it('smokes', async () => {
    const stream = `count-${randomUUID()}`;
    const e = event();
    const first = await client.appendToStream(stream, e, { expectedRevision: 'no_stream' });
    console.log(first, await client.appendToStream(stream, e, { expectedRevision: 'no_stream' }));
    await client.appendToStream(stream, event(), { expectedRevision: 'no_stream' }).catch((error: unknown) => { console.log(error); });
    for await (const { event: read } of client.readStream(stream)) console.log(read);
    for await (const { event: read } of client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 3 })) console.log(read?.type);
    const sub = client.subscribeToAll({ fromPosition: 'start' });
    for await (const { event: read } of sub) { console.log(read?.type); if (read?.streamId === stream) break; }
  });
  it('speed', async () => {
    const started = performance.now();
    await Promise.all(Array.from({ length: 10_000 }, () => client.appendToStream(`count-${randomUUID()}`, event(), { expectedRevision: 'no_stream' })));
    console.log(performance.now() - started);
  });
});
