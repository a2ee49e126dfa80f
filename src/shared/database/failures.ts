import { NoAnswer, withTimeout } from '../resilience/timeouts.js';

/**
 * SQLSTATEs of failures that end by themselves or with an operator's help: connection, resources, shutdown, I/O,
 * deadlock, timeouts, read-only, frozen.
 */
const UNAVAILABLE_STATES = /^(08|53|57P|58|40|57014|55P03|25006|25P03)/;
/** Matches ECONNREFUSED and others like it. `ERR_INVALID_…` is a mistake of the caller. */
const SYSTEM_ERROR = /^E(?!RR_INVALID)/;
const UNAVAILABLE_MESSAGES = /terminated|timeout|closed|destroyed|not queryable|end on the pool|connection/i;

const NO_ANSWER_AFTER_MS = 10_000;

/**
 * The database can't be reached, doesn't respond in time, or refuses for now. The statement's outcome is then unknown,
 * so the product doesn't send it again.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';

  /** @param code a SQLSTATE, a code of Node's, or `connection-lost` or `no-answer` */
  constructor(readonly code: string) {
    super(`the database does not answer, or refuses for now (${code})`);
  }
}

/**
 * Translates an error of a driver to `DatabaseUnavailable` or returns it unchanged.
 * The error must be a driver's, because other errors have the same codes and messages with another meaning.
 */
export function meaningOf(error: unknown): Error {
  if (error instanceof DatabaseUnavailable) return error;
  if (error instanceof NoAnswer) return new DatabaseUnavailable('no-answer');
  const { code, message = '' } = error as Partial<NodeJS.ErrnoException>;
  if (code === undefined)
    return UNAVAILABLE_MESSAGES.test(message) ? new DatabaseUnavailable('connection-lost') : (error as Error);
  return SYSTEM_ERROR.test(code) || UNAVAILABLE_STATES.test(code) ? new DatabaseUnavailable(code) : (error as Error);
}

/**
 * Limits the time of one statement that doesn't use the pool.
 * @throws DatabaseUnavailable, also after ten seconds without a response
 */
export async function withDatabaseTimeout<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + NO_ANSWER_AFTER_MS;
  return withTimeout({ meaningOf, withinMs: () => giveUpAt - performance.now() }, attempt);
}
