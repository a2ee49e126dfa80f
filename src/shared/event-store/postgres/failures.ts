import { EventStoreUnavailable } from '../event-store.js';
import { answer as answerTo, persistently as persistentlyTo, type Asking } from '../persistence.js';

/** SQLSTATEs that pass by themselves or with an operator's help: connection, resources, shutdown, I/O, deadlock, timeouts, read-only, frozen. */
const UNAVAILABLE_STATES = /^(08|53|57P|58|40|57014|55P03|25006|25P03)/;
/** ECONNREFUSED and the like; `ERR_INVALID_…` is a mistake of the caller. */
const SYSTEM_ERROR = /^E(?!RR_INVALID)/;
const UNAVAILABLE_MESSAGES = /terminated|timeout|closed|destroyed|not queryable|end on the pool|connection/i;

const NO_ANSWER_AFTER_MS = 10_000;

function asking(): Asking {
  const giveUpAt = performance.now() + NO_ANSWER_AFTER_MS;
  return { meaningOf: withoutDetails, withinMs: () => giveUpAt - performance.now() };
}

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
  return answerTo(asking(), attempt);
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function persistently<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  return persistentlyTo(forMs, async () => answer(attempt));
}
