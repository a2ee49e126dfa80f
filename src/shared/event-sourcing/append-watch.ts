import { DatabaseUnavailable } from '../database/failures.js';
import { EventStoreRefuses } from './event-store-refuses.js';
import { EventStoreUnavailable, type AppendOutcome } from './event-store.js';

/** Remembers whether appends could be stored: what no look at a store can tell whose disk is full, or that only reads. */
export class AppendWatch {
  private failedAt: number | null = null;
  /** Whether the last failure was the store's refusal. */
  isRefused = false;

  /** Hands the outcomes, or the error, on. */
  async watch(appending: Promise<AppendOutcome[]>): Promise<AppendOutcome[]> {
    try {
      const outcomes = await appending;
      if (outcomes.some(({ ok }) => ok)) this.failedAt = null;
      return outcomes;
    } catch (error) {
      if (error instanceof EventStoreUnavailable || error instanceof DatabaseUnavailable) {
        this.failedAt = performance.now();
        this.isRefused = error instanceof EventStoreRefuses;
      }
      throw error;
    }
  }

  /** Whether one failed in the last `ms` for want of the store, and none was stored since. */
  hasFailedWithin(ms: number): boolean {
    return this.failedAt !== null && performance.now() - this.failedAt <= ms;
  }
}
