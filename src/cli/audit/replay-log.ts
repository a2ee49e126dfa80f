import { AccessReplay, type ReplayUntil } from '../../modules/history/replay/access-replay.js';
import { FOREIGN } from '../../shared/event-sourcing/event-checks.js';
import type { EventStore, RecordedEvent } from '../../shared/event-sourcing/event-store.js';
import { batchesOf, type OnProgress, readEvents } from '../../shared/transfer/event-file.js';

const MAX_BATCH = 500;

/** The log does not say what was asked. The message tells why. */
export class NoSuchInstant extends Error {
  override readonly name = 'NoSuchInstant';
}

type Log = AsyncIterable<readonly RecordedEvent[]>;

/** Yields the product's own events of a store, in order. */
export async function* eventsInStore(store: EventStore): Log {
  for await (const batch of batchesOf(store)) yield batch.filter(isOwn);
}

/** Yields the product's own events of an export, in order. @throws DamagedFile */
export async function* eventsInFile(path: string): Log {
  let batch: RecordedEvent[] = [];
  for await (const { event } of readEvents(path)) {
    if (isOwn(event)) batch.push(event);
    if (batch.length < MAX_BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function isOwn({ type }: RecordedEvent): boolean {
  return type !== FOREIGN;
}

/**
 * Folds a log up to an instant.
 * @throws NoSuchInstant when the organisation did not exist then, or the log ends before the number
 */
export async function replayLog(
  log: Log,
  organisation: string,
  until: ReplayUntil,
  onProgress: OnProgress,
): Promise<AccessReplay> {
  const replay = new AccessReplay(organisation, until);
  let read = 0;
  for await (const events of log) {
    const goesOn = replay.take(events);
    read += events.length;
    onProgress(read);
    if (!goesOn) break;
  }
  const last = replay.last?.number ?? -1;
  if (until.number !== undefined && until.number > last)
    throw new NoSuchInstant(`the log ends with the event number ${String(last)}`);
  if (!replay.knowsOrganisation) throw new NoSuchInstant('the log names no such organisation up to that instant');
  return replay;
}
