import { withTimeout as answerTo, NoAnswer } from '../resilience/timeouts.js';

/** SQLSTATEs that pass by themselves or with an operator's help: connection, resources, shutdown, I/O, deadlock, timeouts, read-only, frozen. */
const UNAVAILABLE_STATES = /^(08|53|57P|58|40|57014|55P03|25006|25P03)/;
/** ECONNREFUSED and the like; `ERR_INVALID_…` is a mistake of the caller. */
const SYSTEM_ERROR = /^E(?!RR_INVALID)/;
const UNAVAILABLE_MESSAGES = /terminated|timeout|closed|destroyed|not queryable|end on the pool|connection/i;

const NO_ANSWER_AFTER_MS = 10_000;

/** The database can't be reached, doesn't answer in time, or refuses for now. Whether what was sent is done is unknown: it is not sent again. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';

  /** @param code a SQLSTATE, a code of Node's, or `connection-lost` or `no-answer` */
  constructor(readonly code: string) {
    super(`the database does not answer, or refuses for now (${code})`);
  }
}

/** What an error of a driver means: `DatabaseUnavailable`, or the error itself. For errors of a driver alone: it looks at codes and messages that others have too. */
export function meaningOf(error: unknown): Error {
  if (error instanceof DatabaseUnavailable) return error;
  if (error instanceof NoAnswer) return new DatabaseUnavailable('no-answer');
  const { code, message = '' } = error as Partial<NodeJS.ErrnoException>;
  if (code === undefined)
    return UNAVAILABLE_MESSAGES.test(message) ? new DatabaseUnavailable('connection-lost') : (error as Error);
  return SYSTEM_ERROR.test(code) || UNAVAILABLE_STATES.test(code) ? new DatabaseUnavailable(code) : (error as Error);
}

/** The answer to one statement that goes past the pool. @throws DatabaseUnavailable, also after ten seconds of silence */
export async function withDatabaseTimeout<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + NO_ANSWER_AFTER_MS;
  return answerTo({ meaningOf, withinMs: () => giveUpAt - performance.now() }, attempt);
}
