import { basename } from 'node:path';
import { isObject } from '../event-sourcing/event-shapes.js';
import type { EventStore, RecordedEvent, StoredEvent } from '../event-sourcing/event-store.js';
import { isOwnStream } from '../event-sourcing/event-checks.js';
import { DamagedFile, readHashChain, type HashChainWriter } from './hash-chained-ndjson.js';

/** The kind that an event file's header names. */
export const EVENT_FILE = 'events';
const MAX_BATCH = 500;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Gets the number of finished events or rows after each batch. An error that it throws ends the work. */
export type OnProgress = (done: number) => void;

/** An event from a store or a file. */
export interface PlacedEvent {
  event: RecordedEvent;
}

/** The log has grown while it was read, so the read has no defined end. */
export class LogGrew extends Error {
  override readonly name = 'LogGrew';
  constructor() {
    super('the log has grown meanwhile: stop every process of this installation first, then try again');
  }
}

/**
 * Yields every event of the product's categories stored so far, in the log's order and in batches.
 * Foreign events in the product's streams come without their content.
 * @param onLeftOut called for each foreign event in another stream
 */
export async function* batchesOf(
  store: EventStore,
  onLeftOut: () => void = () => undefined,
): AsyncGenerator<StoredEvent[], void, undefined> {
  const head = await store.head(store.categories, { withForeign: true });
  if (head === null) return;
  const enough = new AbortController();
  try {
    for await (const batch of store.subscribe({
      after: null,
      categories: store.categories,
      withForeign: true,
      signal: enough.signal,
      maxBatch: MAX_BATCH,
    })) {
      const known: StoredEvent[] = batch.filter(({ position }) => store.comparePositions(position, head) <= 0);
      const inStreams = known.filter(hasPlace);
      for (let n = inStreams.length; n < known.length; n += 1) onLeftOut();
      if (inStreams.length > 0) yield inStreams;
      if (known.length < batch.length || known.at(-1)?.position === head) return;
    }
  } finally {
    enough.abort();
  }
}

/**
 * Tells whether an event is in a stream of the product. A link to an event has another name, and a deleted stream ends
 * in an event without a revision.
 */
function hasPlace({ stream, revision }: StoredEvent): boolean {
  return isOwnStream(stream) && Number.isSafeInteger(revision);
}

/** Yields the same events one by one, without positions. */
export async function* eventsOf(store: EventStore): AsyncGenerator<PlacedEvent, void, undefined> {
  for await (const batch of batchesOf(store)) for (const { position: _, ...event } of batch) yield { event };
}

export interface Written {
  events: number;
  /** Foreign events outside the product's streams. */
  leftOut: number;
}

/**
 * Writes the whole log without positions, because each store has its own.
 * @throws LogGrew
 */
export async function writeEvents(store: EventStore, file: HashChainWriter, onProgress: OnProgress): Promise<Written> {
  const head = await store.head(store.categories, { withForeign: true });
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
  if ((await store.head(store.categories, { withForeign: true })) !== head) throw new LogGrew();
  return { events: done, leftOut };
}

/** An event of a file. */
export interface LinedEvent extends PlacedEvent {
  line: number;
  /** Length of its line. */
  characters: number;
}

/**
 * Yields the events of a file one by one.
 * @throws DamagedFile
 */
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
