import { EventStoreUnavailable } from '../event-store.js';

const NO_ANSWER_AFTER_MS = 10_000;
/** SQLSTATEs that pass by themselves or with an operator's help: connection, resources, shutdown, I/O, deadlock, timeouts, read-only. */
const UNAVAILABLE_STATES = /^(08|53|57P|58|40|57014|55P03|25006)/;
/** ECONNREFUSED and the like; `ERR_INVALID_…` is a mistake of the caller. */
const SYSTEM_ERROR = /^E(?!RR_INVALID)/;
const UNAVAILABLE_MESSAGES = /terminated|timeout|closed|destroyed|not queryable|end on the pool|connection/i;

/**
 * What an error of a driver means: `EventStoreUnavailable`, or an error without the driver's message, query or
 * parameters, which hold rows.
 */
export function withoutDetails(error: unknown): Error {
  if (error instanceof EventStoreUnavailable) return error;
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  if (isUnavailable(code, message)) return new EventStoreUnavailable({ cause: new Error(code ?? 'connection lost') });
  if (code !== undefined) return new Error(`the event store failed with ${code}`);
  return error as Error;
}

function isUnavailable(code: string | undefined, message = ''): boolean {
  if (code === undefined) return UNAVAILABLE_MESSAGES.test(message);
  return SYSTEM_ERROR.test(code) || UNAVAILABLE_STATES.test(code);
}

/** The answer of one attempt; its errors without details, silence for too long as `EventStoreUnavailable`. */
export async function answer<Result>(attempt: () => Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => { reject(new EventStoreUnavailable({ cause: new Error('no answer in time') })); }, NO_ANSWER_AFTER_MS);
  });
  try {
    return await Promise.race([attempt(), silence]);
  } catch (error) {
    throw withoutDetails(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function persistently<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await answer(attempt);
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
