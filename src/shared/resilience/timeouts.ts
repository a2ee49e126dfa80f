import { setTimeout as pause } from 'node:timers/promises';

/** The translation of an outside call's errors, and the time limit of the call. */
export interface TimeoutPolicy {
  /** Translates an error of the driver, or `NoAnswer`, to an error without the driver's details. */
  meaningOf: (error: unknown) => Error;
  /**
   * Returns the milliseconds left from now. It is called again when they are over, because the limit may have been
   * extended.
   */
  withinMs: () => number;
}

/** A call got no response in time. Whether it had an effect is unknown. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor() {
    super('no answer in time');
  }
}

/**
 * Runs one attempt with a time limit.
 * @throws what `meaningOf` makes of the attempt's error, or of `NoAnswer`, which also aborts the signal
 */
export async function withTimeout<Result>(
  { meaningOf, withinMs }: TimeoutPolicy,
  attempt: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const silence = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      if (ended) return;
      if (withinMs() > 0) {
        wait();
        return;
      }
      reject(new NoAnswer());
      late.abort();
    };
    const wait = (): void => {
      // After a blocked event loop timers fire before responses are read, so the responses get one more iteration.
      timer = setTimeout(() => {
        setImmediate(giveUp);
      }, withinMs());
    };
    wait();
  });
  try {
    return await Promise.race([attempt(late.signal), silence]);
  } catch (error) {
    throw meaningOf(error);
  } finally {
    ended = true;
    clearTimeout(timer);
  }
}

/**
 * Resolves after this many milliseconds, or when the signal aborts. Never throws, and doesn't keep the process running.
 * Use it to pace work, not to wait until something has happened.
 */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
