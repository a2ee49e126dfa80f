import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreUnavailable } from './event-store.js';

/** How an adapter asks its store: what it takes its driver's errors for, and how long it waits for an answer. */
export interface Asking {
  /** `EventStoreUnavailable`, or an error without the driver's details. */
  meaningOf: (error: unknown) => Error;
  /** From now on, asked again when that time is over: there may be reason to wait longer. */
  withinMs: () => number;
}

/** The answer of one attempt; its errors without details, silence for too long as `EventStoreUnavailable`, with the signal aborted. */
export async function answer<Result>({ meaningOf, withinMs }: Asking, attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
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
      reject(new EventStoreUnavailable({ cause: new Error('no answer in time') }));
      late.abort();
    };
    const wait = (): void => {
      // An event loop that was held finds timers due before it looks at what has arrived meanwhile.
      timer = setTimeout(() => { setImmediate(giveUp); }, withinMs());
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

/** Pauses between attempts, in ms: growing, and never long. */
export function* pauses(): Generator<number, never> {
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) yield pauseMs;
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function persistently<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (const pauseMs of pauses()) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await pause(pauseMs);
  }
  throw new TypeError('pauses never end');
}
