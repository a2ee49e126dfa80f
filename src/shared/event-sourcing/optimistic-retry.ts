import { RuleBroken } from '../problems/problem-codes.js';
import { Rehearsed } from '../request-context/request-context.js';
import { AppendConditionFailed, ReadSet, type StreamSource } from './append-condition.js';
import { revisionOf, WrongRevision } from './event-store.js';
import type { StreamCache } from './stream-cache.js';

/**
 * Authorises and decides on what it reads through `reads`, and stores with `decide` or `decideMany`. Repeated, it must
 * give the same result.
 */
export type Attempt<Result> = (reads: ReadSet) => Promise<Result>;

const MAX_ATTEMPTS = 12;

/**
 * The only retry loop: when an append meets a conflict, the attempt runs again on what is stored by then.
 * @param cache the first attempt reads its read set from it. When it stores nothing, even by refusing, the store
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
