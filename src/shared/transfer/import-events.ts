import { AppendRefused, WrongRevision, type EventStore } from '../event-sourcing/event-store.js';
import { differenceOf } from './differences.js';
import { eventsOf, readEvents, type LinedEvent, type OnProgress, type PlacedEvent } from './event-file.js';

const MAX_EVENTS = 1_000;
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** The destination can't take the file's content. The message names ids and fields only. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
}

type LinedEvents = AsyncGenerator<LinedEvent, void, undefined>;

export interface Imported {
  /** Events that an interrupted attempt had stored already. */
  found: number;
  stored: number;
}

/**
 * Stores a file's events in their order. The log must be empty, or hold the file's first events and no others, so that
 * an interrupted import can continue.
 * The caller must have checked that the file is complete.
 * @throws ImportRefused, DamagedFile, EventStoreUnavailable
 */
export async function importEvents(store: EventStore, path: string, onProgress: OnProgress): Promise<Imported> {
  const known = eventsOf(store);
  try {
    const unknown: LinedEvents = readEvents(path);
    const found = await passKnown(known, unknown, onProgress);
    return {
      found: found.events,
      stored: await storeRest(store, found.next, unknown, (stored) => {
        onProgress(found.events + stored);
      }),
    };
  } finally {
    await known.return();
  }
}

/** @returns the number of events that both hold, and the file's first event that the log lacks */
async function passKnown(
  known: AsyncGenerator<PlacedEvent, void>,
  file: LinedEvents,
  onProgress: OnProgress,
): Promise<{ events: number; next: LinedEvent | null }> {
  for (let events = 0; ; events += 1) {
    const [stored, filed] = [await known.next(), await file.next()];
    if (stored.done === true) return { events, next: filed.done === true ? null : filed.value };
    const { event } = stored.value;
    if (filed.done === true)
      throw new ImportRefused(`the log goes on after the file's last event, with ${event.id}: it is not this file's`);
    const difference = differenceOf(filed.value.event, event);
    if (difference !== null)
      throw new ImportRefused(
        `the log holds other events: at line ${String(filed.value.line)} of the file ${difference}. Import into an empty one`,
      );
    if (events % MAX_EVENTS === 0) onProgress(events);
  }
}

/** @returns the number of stored events */
async function storeRest(
  store: EventStore,
  first: LinedEvent | null,
  rest: LinedEvents,
  onProgress: OnProgress,
): Promise<number> {
  let stored = 0;
  let batch = first === null ? [] : [first];
  let characters = 0;
  const flush = async (): Promise<void> => {
    await storeBatch(store, batch);
    stored += batch.length;
    [batch, characters] = [[], 0];
    onProgress(stored);
  };
  for await (const placed of rest) {
    batch.push(placed);
    characters += placed.characters;
    if (batch.length >= MAX_EVENTS || characters > MAX_CHARACTERS) await flush();
  }
  await flush();
  return stored;
}

async function storeBatch(store: EventStore, batch: readonly LinedEvent[]): Promise<void> {
  try {
    await store.importMany(batch.map(({ event }) => event));
  } catch (error) {
    if (error instanceof AppendRefused)
      throw new ImportRefused(`lines ${String(batch[0]?.line)} to ${String(batch.at(-1)?.line)}: ${error.message}`);
    if (!(error instanceof WrongRevision)) throw error;
    const culprit = batch.find(
      ({ event }) => event.stream === error.stream && event.revision === error.expectedRevision + 1,
    );
    throw new ImportRefused(
      `line ${String(culprit?.line ?? batch[0]?.line)}: the event is not the next one of its stream (${error.message})`,
    );
  }
}
