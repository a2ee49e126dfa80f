import { RuleBroken } from '../problems/problem-codes.js';
import { Rehearsed } from '../request-context/request-context.js';
import { AppendConditionFailed, ReadSet, type StreamSource } from './append-condition.js';
import { type EventStore, EventStoreUnavailable, revisionOf, type StoredEvent, WrongRevision } from './event-store.js';
import { LRUCache } from 'lru-cache';
import { setTimeout as pause } from 'node:timers/promises';

const MAX_STREAMS = 1000;
const MAX_EVENTS_PER_STREAM = 50;

/**
 * Caches the streams that permissions follow from, because a caller's calls all need the same few.
 * Only an attempt with an append condition on them may read here, because they may have moved since.
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

/**
 * One attempt at a command. It authorises and decides on what it reads through `reads`, and stores with `decide` or
 * `decideMany`. A repeated attempt must give the same result.
 */
export type Attempt<Result> = (reads: ReadSet) => Promise<Result>;

const MAX_ATTEMPTS = 12;

/**
 * The only retry loop. When an append meets a conflict, it runs the attempt again on what is stored by then.
 * @param cache the first attempt reads its read set from it. When that attempt stores nothing, or refuses, the store
 * confirms the read set. Null: every attempt reads the store.
 * @throws what the attempt throws, or RuleBroken `too-many-conflicts`
 */
export async function retryOnConflict<Result>(
  attempt: Attempt<Result>,
  store: Pick<StreamSource, 'readMany'>,
  cache: StreamCache | null,
): Promise<Result> {
  // This read refreshes the cache for later calls.
  const fresh = cache ? { readMany: async (streams: readonly string[]) => cache.refresh(streams) } : store;
  for (let number = 0; number < MAX_ATTEMPTS; number += 1) {
    const source = number === 0 ? cache : null;
    const reads = new ReadSet(source ?? fresh);
    const end = await endOf(attempt, reads);
    if (end && (!source || reads.isConfirmed || (await holds(reads, source)))) return end();
  }
  throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
}

async function holds({ revisions }: ReadSet, cache: StreamCache): Promise<boolean> {
  const histories = await cache.refresh(revisions.map(({ stream }) => stream));
  return revisions.every(({ stream, revision }) => revisionOf(histories.get(stream)) === revision);
}

/** Returns the result or the rule that refused; null when an append met a conflict. */
async function endOf<Result>(attempt: Attempt<Result>, reads: ReadSet): Promise<(() => Result) | null> {
  try {
    const result = await attempt(reads);
    return () => result;
  } catch (error) {
    if (error instanceof WrongRevision || error instanceof AppendConditionFailed) return null;
    if (error instanceof RuleBroken || error instanceof Rehearsed)
      return () => {
        throw error;
      };
    throw error;
  }
}

/** Yields the delays between attempts in milliseconds. They grow up to half a second. */
export function* exponentialDelays(): Generator<number, never> {
  for (let delayMs = 10; ; delayMs = Math.min(delayMs * 2, 500)) yield delayMs;
}

/**
 * Repeats an attempt with growing delays while the store is unavailable, for at most `forMs`. The attempt must be safe
 * to repeat.
 */
export async function withRetry<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (const delayMs of exponentialDelays()) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + delayMs > giveUpAt) throw error;
    }
    await pause(delayMs);
  }
  throw new TypeError('delays never end');
}
