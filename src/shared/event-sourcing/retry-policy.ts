import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreUnavailable } from './event-store.js';

/** Pauses between attempts, in ms: growing, and never long. */
export function* exponentialDelays(): Generator<number, never> {
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) yield pauseMs;
}

/** Repeats an attempt that can be repeated unchanged, with growing pauses, while the store is unavailable and `forMs` lasts. */
export async function withRetry<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (const pauseMs of exponentialDelays()) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await pause(pauseMs);
  }
  throw new TypeError('pauses never end');
}
