import { CATEGORIES } from '../../src/bootstrap/event-shapes.js';
import { type EventStore, type StoredEvent } from '../../src/shared/event-sourcing/event-store.js';

/** All events of the product so far, in order, from any event store. */
export async function everyEvent(store: EventStore): Promise<StoredEvent[]> {
  const head = await store.head(CATEGORIES);
  const events: StoredEvent[] = [];
  if (head === null) return events;
  const ended = new AbortController();
  for await (const batch of store.subscribe({
    after: null,
    categories: CATEGORIES,
    maxBatch: 500,
    signal: ended.signal,
  })) {
    events.push(...batch);
    if (store.comparePositions(batch.at(-1)!.position, head) >= 0) break;
  }
  ended.abort();
  return events;
}
