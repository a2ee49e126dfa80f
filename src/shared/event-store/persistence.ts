import { EventStoreUnavailable } from './event-store.js';

/** How an adapter asks its store: what it takes its driver's errors for, and how long it waits for an answer. */
export interface Asking {
  /** `EventStoreUnavailable`, or an error without the driver's details. */
  meaningOf: (error: unknown) => Error;
  withinMs: number;
}

/** The answer of one attempt; its errors without details, silence for too long as `EventStoreUnavailable` and the signal aborted. */
export async function answer<Result>({ meaningOf, withinMs }: Asking, attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new EventStoreUnavailable({ cause: new Error('no answer in time') }));
      late.abort();
    }, withinMs);
  });
  try {
    return await Promise.race([attempt(late.signal), silence]);
  } catch (error) {
    throw meaningOf(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Pauses between attempts, in ms: growing, and never long. */
export function* pauses(): Generator<number, never> {
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) yield pauseMs;
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function persistently<Result>(forMs: number, asking: Asking, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (const pauseMs of pauses()) {
    try {
      return await answer(asking, attempt);
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new TypeError('pauses never end');
}
