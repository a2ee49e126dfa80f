import { randomBytes } from 'node:crypto';
import type {
  Append,
  EventStore,
  NewEvent,
  Position,
  StoredEvent,
} from '../../../src/shared/event-sourcing/event-store.js';
import { STREAM_DOES_NOT_EXIST, WrongRevision } from '../../../src/shared/event-sourcing/event-store.js';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { People } from '../../../src/modules/people/people.js';
import { openEventStore, type Engine, type TestDatabase } from '../../support/engines.js';

/** Random values from a seed, which it prints. TEST_SEED sets the seed. */
export class Random {
  private state: number;

  constructor(what: string) {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`${what}: TEST_SEED=${String(seed)}\n`);
    this.state = Buffer.from(what).reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619), seed);
  }

  /** A whole number from 0 to `below` - 1 (mulberry32). */
  int(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.int(16).toString(16)).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** A category that no other event in the log has. */
  category(): string {
    return `test${this.uuid().replaceAll('-', '')}`;
  }

  stream(category = this.category()): string {
    return `${category}-${this.uuid()}`;
  }

  event(data: NewEvent['data'] = {}, type = 'StaffInvited'): NewEvent {
    const id = this.uuid();
    const metadata = {
      actor: this.uuid(),
      organisationId: null,
      scope: PLATFORM,
      schemaVersion: 1,
      $correlationId: this.uuid(),
      $causationId: this.uuid(),
      commandId: this.uuid(),
    };
    return { id, type, data, metadata };
  }

  events(count: number): NewEvent[] {
    return Array.from({ length: count }, (_, n) => this.event({ n }));
  }

  /** The first append of a new stream. */
  opening(category?: string, events = 1): Append {
    return { stream: this.stream(category), expectedRevision: STREAM_DOES_NOT_EXIST, events: this.events(events) };
  }
}

/** A log, and the people of its events. */
export interface PeopledLog {
  place: TestDatabase;
  people: People;
  store: EventStore;
  close(): Promise<void>;
}

export async function openPeopledLog(engine: Engine): Promise<PeopledLog> {
  const place = await engine.openDatabase();
  const people = new People(place.database, { masterKey: randomBytes(32), personSecret: randomBytes(32) });
  const store = await openEventStore(place, people);
  return {
    place,
    people,
    store,
    close: async () => {
      await store.close();
      await place.close();
    },
  };
}

/** The promise's value. @throws with the name of what did not come in time */
export async function within<Result>(ms: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what}: not within ${String(ms)} ms`));
    }, ms);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** The events of a subscription until `done`, in order. @throws after 20 s */
export async function collect(
  store: EventStore,
  {
    categories,
    types,
    after = null,
    maxBatch = 100,
  }: { categories: string[]; types?: string[]; after?: Position | null; maxBatch?: number },
  done: (events: StoredEvent[]) => boolean,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  const late = AbortSignal.timeout(20_000);
  const ended = new AbortController();
  const signal = AbortSignal.any([late, ended.signal]);
  for await (const batch of store.subscribe({ after, categories, types, maxBatch, signal })) {
    if (batch.length === 0 || batch.length > maxBatch) throw new Error(`a batch of ${String(batch.length)}`);
    events.push(...batch);
    if (done(events)) {
      ended.abort();
      return events;
    }
  }
  throw new Error(`only ${String(events.length)} events came`);
}

/** The type of the event that ends a race. No event of the race comes after it. */
export const LAST = 'Last';

export function hasLast(events: StoredEvent[]): boolean {
  return events.some(({ type }) => type === LAST);
}

interface Race {
  stores: readonly EventStore[];
  random: Random;
  category: string;
  writers: number;
  rounds: number;
  /** The number of streams to which all writers append. Without any, only positions can be wrong. */
  sharedStreams?: number;
  /** Called after every append. */
  onAppend?: () => void;
}

/**
 * Appends from several writers, to streams of their own and to shared streams, each at the revision that it saw last.
 * Ends with an event of type `LAST`.
 * @returns the position of each stored append, by the id of its last event
 */
export async function race({
  stores,
  random,
  category,
  writers,
  rounds,
  sharedStreams = 3,
  onAppend,
}: Race): Promise<Map<string, Position>> {
  const positions = new Map<string, Position>();
  const shared = Array.from({ length: sharedStreams }, () => random.stream(category));
  const write = async (store: EventStore): Promise<void> => {
    const streams = [...shared, ...Array.from({ length: 3 }, () => random.stream(category))];
    const revisions = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      const stream = streams[random.int(streams.length)] ?? '';
      const events = random.events(1 + random.int(3));
      const append = { stream, expectedRevision: revisions.get(stream) ?? STREAM_DOES_NOT_EXIST, events };
      const position = await appendAfterConflicts(store, append, revisions);
      positions.set(events.at(-1)?.id ?? '', position);
      onAppend?.();
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, n) => write(stores[n % stores.length] as EventStore)));
  const last = random.event({}, LAST);
  const ending = { stream: random.stream(category), expectedRevision: STREAM_DOES_NOT_EXIST, events: [last] };
  return positions.set(last.id, await (stores[0] as EventStore).append(ending));
}

async function appendAfterConflicts(
  store: EventStore,
  append: Append,
  revisions: Map<string, number>,
): Promise<Position> {
  for (let expectedRevision = append.expectedRevision; ;) {
    try {
      const position = await store.append({ ...append, expectedRevision });
      revisions.set(append.stream, expectedRevision + append.events.length);
      return position;
    } catch (error) {
      if (!(error instanceof WrongRevision)) throw error;
      expectedRevision = error.actualRevision;
    }
  }
}

/**
 * Expects that no event is missing or repeated, that positions rise and are those that writers got, and that revisions
 * follow each other.
 */
export function expectWholeAndOrdered(
  store: EventStore,
  seen: readonly StoredEvent[],
  written: ReadonlyMap<string, Position>,
): void {
  expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  const positions = new Map(seen.map(({ id, position }) => [id, position]));
  expect([...written].filter(([id, position]) => positions.get(id) !== position)).toEqual([]);
  const before = seen.slice(0, -1);
  expect(
    before.filter(({ position }, n) => store.comparePositions(position, seen[n + 1]?.position ?? '') >= 0),
  ).toEqual([]);
  for (const events of Map.groupBy(seen, ({ stream }) => stream).values()) {
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, n) => n));
  }
}
