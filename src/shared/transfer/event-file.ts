import { basename } from 'node:path';
import { CATEGORIES } from '../event-sourcing/categories.js';
import { isObject } from '../event-sourcing/event-shapes.js';
import type { EventStore, RecordedEvent, StoredEvent } from '../event-sourcing/event-store.js';
import { isOwnStream } from '../event-sourcing/foreign.js';
import { DamagedFile, readHashChain, type HashChainWriter } from './hash-chained-ndjson.js';

/** What an event file's header says it holds. */
export const EVENT_FILE = 'events';
const MAX_BATCH = 500;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Called with how many events (or rows) are done, after each batch. What it throws ends the work. */
export type OnProgress = (done: number) => void;

/** Out of a store or a file. */
export interface PlacedEvent {
  event: RecordedEvent;
}

/** The log has grown while it was read: what reads it has no defined end. */
export class LogGrew extends Error {
  override readonly name = 'LogGrew';
  constructor() {
    super('the log has grown meanwhile: stop every process of this installation first, then try again');
  }
}

/**
 * Every event of the product's categories stored by now, in the log's order, a batch at a time. Somebody else's is there without its content where it has
 * a place in a stream of ours. @param onLeftOut called for each of the others
 */
export async function* batchesOf(
  store: EventStore,
  onLeftOut: () => void = () => undefined,
): AsyncGenerator<StoredEvent[], void, undefined> {
  const head = await store.head(CATEGORIES, { withForeign: true });
  if (head === null) return;
  const enough = new AbortController();
  try {
    for await (const batch of store.subscribe({
      after: null,
      categories: CATEGORIES,
      withForeign: true,
      signal: enough.signal,
      maxBatch: MAX_BATCH,
    })) {
      const known: StoredEvent[] = batch.filter(({ position }) => store.comparePositions(position, head) <= 0);
      const moved = known.filter(hasPlace);
      for (let n = moved.length; n < known.length; n += 1) onLeftOut();
      if (moved.length > 0) yield moved;
      if (known.length < batch.length || known.at(-1)?.position === head) return;
    }
  } finally {
    enough.abort();
  }
}

/** Whether it is an event of a stream that may be ours: links to events have names of their own, and a deleted stream ends in an event without a revision. */
function hasPlace({ stream, revision }: StoredEvent): boolean {
  return isOwnStream(stream) && Number.isSafeInteger(revision);
}

/** The same, one by one. */
export async function* eventsOf(store: EventStore): AsyncGenerator<PlacedEvent, void, undefined> {
  for await (const batch of batchesOf(store)) for (const { position: _, ...event } of batch) yield { event };
}

export interface Written {
  events: number;
  /** Of somebody else, in streams that can't be ours. */
  leftOut: number;
}

/** Writes the whole log, positions left out: those are each store's own. @throws LogGrew */
export async function writeEvents(store: EventStore, file: HashChainWriter, onProgress: OnProgress): Promise<Written> {
  const head = await store.head(CATEGORIES, { withForeign: true });
  let [done, leftOut] = [0, 0];
  for await (const batch of batchesOf(store, () => {
    leftOut += 1;
  })) {
    await file.write(
      batch.map(({ id, type, stream, revision, recordedAt, data, metadata }) => ({
        id,
        type,
        stream,
        revision,
        recordedAt,
        data,
        metadata,
      })),
    );
    done += batch.length;
    onProgress(done);
  }
  if ((await store.head(CATEGORIES, { withForeign: true })) !== head) throw new LogGrew();
  return { events: done, leftOut };
}

/** An event of a file. */
export interface LinedEvent extends PlacedEvent {
  line: number;
  /** Length of its line. */
  characters: number;
}

/** The events of a file, one by one. @throws DamagedFile */
export async function* readEvents(path: string): AsyncGenerator<LinedEvent, void, undefined> {
  for await (const { line, text } of readHashChain(path, EVENT_FILE)) {
    const { check: _, ...event } = JSON.parse(text) as RecordedEvent & { check: string };
    if (!isEvent(event)) throw new DamagedFile(basename(path), line, 'the line holds no event');
    yield { line, characters: text.length, event };
  }
}

function isEvent({ id, type, stream, revision, recordedAt, data, metadata }: Partial<RecordedEvent>): boolean {
  const named = typeof id === 'string' && UUID.test(id) && typeof type === 'string' && typeof stream === 'string';
  const placed =
    Number.isInteger(revision) && typeof recordedAt === 'string' && new Date(recordedAt).toJSON() === recordedAt;
  return named && placed && isObject(data) && isObject(metadata);
}
