import { withDatabaseTimeout as answerDatabase, DatabaseUnavailable, meaningOf } from '../../database/failures.js';
import { EventStoreFailed } from '../event-store-failed.js';
import { EventStoreUnavailable } from '../event-store.js';
import { withRetry as persistentlyTo } from '../retry-policy.js';

/**
 * What an error of the database means where it keeps the log: `EventStoreUnavailable`, or an error without the driver's message, query or
 * parameters, which hold rows.
 */
function withoutDetails(error: unknown): Error {
  if (error instanceof EventStoreUnavailable) return error;
  const meaning = meaningOf(error);
  if (meaning instanceof DatabaseUnavailable) return new EventStoreUnavailable({ cause: meaning });
  const { code } = meaning as NodeJS.ErrnoException;
  return code === undefined ? meaning : new EventStoreFailed(code);
}

/** The answer of one attempt; its errors without details, silence for too long as `EventStoreUnavailable`. */
export async function withLogTimeout<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await answerDatabase(attempt);
  } catch (error) {
    throw withoutDetails(error);
  }
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function withLogRetry<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  return persistentlyTo(forMs, async () => withLogTimeout(attempt));
}
