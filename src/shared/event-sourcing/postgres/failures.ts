import { DatabaseUnavailable, meaningOf, withDatabaseTimeout } from '../../database/failures.js';
import { EventStoreFailed, EventStoreUnavailable } from '../event-store.js';
import { withRetry } from '../optimistic-retry.js';

/**
 * Translates an error of the database that holds the log to `EventStoreUnavailable`, or drops its details. It drops
 * them, because the driver's message, query and parameters hold rows.
 */
function withoutDetails(error: unknown): Error {
  if (error instanceof EventStoreUnavailable) return error;
  const meaning = meaningOf(error);
  if (meaning instanceof DatabaseUnavailable) return new EventStoreUnavailable({ cause: meaning });
  const { code } = meaning as NodeJS.ErrnoException;
  return code === undefined ? meaning : new EventStoreFailed(code);
}

/**
 * Runs one attempt. Drops the details of its errors, and throws `EventStoreUnavailable` after too long without a
 * response.
 */
export async function withLogTimeout<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await withDatabaseTimeout(attempt);
  } catch (error) {
    throw withoutDetails(error);
  }
}

/**
 * Repeats an attempt with growing delays while the store is unavailable, for at most `forMs`. The attempt must be safe
 * to repeat.
 */
export async function withLogRetry<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  return withRetry(forMs, async () => withLogTimeout(attempt));
}
