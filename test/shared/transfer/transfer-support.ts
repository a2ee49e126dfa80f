import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATEGORIES } from '../../../src/bootstrap/event-shapes.js';
import type { EventStore, RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { HashChainWriter } from '../../../src/shared/transfer/hash-chained-ndjson.js';
import { EVENT_FILE, writeEvents } from '../../../src/shared/transfer/event-file.js';
import { openEventStore, type Engine } from '../../support/engines.js';
import { everyEvent } from '../../support/event-log.js';
import type { Random } from '../event-sourcing/event-store-support.js';

export const noProgress = (): void => undefined;

export interface Place {
  store: EventStore;
  close(): Promise<void>;
}

/** Opens an empty log. */
export async function openPlace(engine: Engine): Promise<Place> {
  const place = await engine.openDatabase();
  const store = await openEventStore(place);
  return {
    store,
    close: async () => {
      await store.close();
      await place.close();
    },
  };
}

/** Events of several streams in turn, recorded once a second some years ago, with texts that are hard to store. */
export function madeUpLog(random: Random, count = 700, streamCount = 60): RecordedEvent[] {
  const streams = Array.from({ length: streamCount }, (_, n) => random.stream(CATEGORIES[n % CATEGORIES.length]));
  const revisions = new Map<string, number>();
  const texts = ['plain', 'ä€🚀\u2028', 'a\nb', '\u0000\ud800', '{"check":"'];
  return Array.from({ length: count }, (_, n) => {
    const stream = streams[random.int(streamCount)] ?? '';
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const recordedAt = new Date(Date.parse('2021-03-04T05:06:07.089Z') + n * 1000).toISOString();
    return {
      ...random.event({ text: texts[random.int(texts.length)], n: [1.5, null, { deep: true }] }),
      stream,
      revision,
      recordedAt,
    };
  });
}

/** All events of a store, in order, without their positions. */
export async function everythingIn(store: EventStore): Promise<RecordedEvent[]> {
  return (await everyEvent(store)).map(({ position: _, ...event }) => event);
}

/** A folder for event files. */
export class Files {
  readonly folder = mkdtempSync(join(tmpdir(), 'rolecall-transfer-'));
  /** How many events the last export left out. */
  leftOut = 0;
  private count = 0;

  async exported(store: EventStore, onProgress = noProgress): Promise<string> {
    return this.written(async (writer) => {
      this.leftOut = (await writeEvents(store, writer, onProgress)).leftOut;
    });
  }

  async of(events: readonly RecordedEvent[]): Promise<string> {
    return this.written(async (writer) => writer.write(events));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async written(write: (writer: HashChainWriter) => Promise<void>): Promise<string> {
    this.count += 1;
    const path = join(this.folder, `${String(this.count)}.ndjson`);
    const writer = await HashChainWriter.create(path, { rolecall: EVENT_FILE });
    try {
      await write(writer);
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return path;
  }
}

/** The name and message of the error with which the work fails, or `none`. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
  );
}
