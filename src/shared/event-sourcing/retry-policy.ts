import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreUnavailable } from './event-store.js';

/** Delays between attempts in milliseconds, growing up to half a second. */
export function* exponentialDelays(): Generator<number, never> {
  for (let delayMs = 10; ; delayMs = Math.min(delayMs * 2, 500)) yield delayMs;
}

/**
 * Repeats an attempt with growing delays while the store is unavailable, for at most `forMs`. The attempt must be
 * repeatable unchanged.
 */
export async function withRetry<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (const delayMs of exponentialDelays()) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable) || performance.now() + delayMs > giveUpAt) throw error;
    }
    await pause(delayMs);
  }
  throw new TypeError('delays never end');
}
