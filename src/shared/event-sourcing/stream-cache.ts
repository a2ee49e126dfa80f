import { BoundedCache } from '../resilience/bounded-cache.js';
import type { EventStore, StoredEvent } from './event-store.js';

const MAX_STREAMS = 1000;
const MAX_EVENTS_PER_STREAM = 50;

/**
 * The streams that permissions follow from, as they were last read: the same few for each call of one caller. They may have moved since, so
 * only an attempt whose append is conditional on them may read here.
 */
export class StreamCache {
  private readonly histories = new BoundedCache<readonly StoredEvent[]>(MAX_STREAMS);

  constructor(private readonly store: EventStore) {}

  /** Cached histories where there are some. */
  async readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const cached = new Map(
      streams.flatMap((stream) => {
        const history = this.histories.peek(stream);
        return history ? [[stream, history] as const] : [];
      }),
    );
    const missing = streams.filter((stream) => !cached.has(stream));
    if (missing.length === 0) return cached;
    return new Map([...cached, ...(await this.refresh(missing))]);
  }

  /** Histories as the store has them now; they are cached from then on. */
  async refresh(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const read = await this.store.readMany(streams);
    for (const [stream, history] of read) {
      if (history.length <= MAX_EVENTS_PER_STREAM) this.histories.set(stream, history);
      else this.histories.delete(stream);
    }
    return read;
  }
}
