import { LRUCache } from 'lru-cache';
import type { EventStore, StoredEvent } from './event-store.js';

const MAX_STREAMS = 1000;
const MAX_EVENTS_PER_STREAM = 50;

/**
 * Caches the streams that permissions follow from, because a caller's calls all need the same few.
 * They may have moved since, so only an attempt with an append condition on them may read here.
 */
export class StreamCache {
  private readonly histories = new LRUCache<string, readonly StoredEvent[]>({ max: MAX_STREAMS });

  constructor(private readonly store: EventStore) {}

  /** Returns cached histories, and reads the others. */
  async readMany(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const cached = new Map(
      streams.flatMap((stream) => {
        const history = this.histories.get(stream);
        return history ? [[stream, history] as const] : [];
      }),
    );
    const missing = streams.filter((stream) => !cached.has(stream));
    if (missing.length === 0) return cached;
    return new Map([...cached, ...(await this.refresh(missing))]);
  }

  /** Reads the histories from the store and caches them. */
  async refresh(streams: readonly string[]): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
    const read = await this.store.readMany(streams);
    for (const [stream, history] of read) {
      if (history.length <= MAX_EVENTS_PER_STREAM) this.histories.set(stream, history);
      else this.histories.delete(stream);
    }
    return read;
  }
}
