import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  jsonEvent,
  type AllStreamSubscription,
  type EventData,
  type StreamSubscription,
} from '@eventstore/db-client';
import { FakeEventStoreDb } from './fake.js';

type Options = Parameters<typeof FakeEventStoreDb.start>[0];

/**
 * A fake and the real client connected to it. A process may have one at a time, because the client keeps its appends in
 * global state.
 */
export class FakeAndClient {
  private constructor(
    readonly fake: FakeEventStoreDb,
    readonly client: EventStoreDBClient,
  ) {}

  static async start(options: Options = {}): Promise<FakeAndClient> {
    const fake = await FakeEventStoreDb.start(options);
    return new FakeAndClient(fake, EventStoreDBClient.connectionString(fake.connectionString));
  }

  async stop(): Promise<void> {
    await this.client.dispose();
    await this.fake.stop();
  }
}

/** A stream that no other test uses. */
export function newStream(category = 'count'): string {
  return `${category}-${randomUUID()}`;
}

export function counted(n = 0, type = 'Counted'): EventData {
  return jsonEvent({ id: randomUUID(), type, data: { n }, metadata: { why: 'a test' } });
}

export function countedTo(count: number): EventData[] {
  return Array.from({ length: count }, (_, n) => counted(n));
}

/** All items of a read. */
export async function all<Item>(read: AsyncIterable<Item>): Promise<Item[]> {
  return Array.fromAsync(read);
}

/** The messages of a subscription in order: `confirmed`, `caught-up`, `fell-behind`, `ended`, error types, event ids. */
export class Heard {
  readonly told: string[] = [];

  constructor(readonly subscription: AllStreamSubscription | StreamSubscription) {
    const { told } = this;
    subscription
      .on('confirmation', () => {
        told.push('confirmed');
      })
      .on('caughtUp', () => {
        told.push('caught-up');
      })
      .on('fellBehind', () => {
        told.push('fell-behind');
      })
      .on('end', () => {
        told.push('ended');
      })
      .on('error', (error: Error & { type?: string }) => {
        told.push(error.type ?? error.message);
      })
      .on('data', ({ event }) => {
        if (event) told.push(event.id);
      });
  }
}
