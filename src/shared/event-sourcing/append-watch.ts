import { DatabaseUnavailable } from '../database/failures.js';
import { EventStoreRefuses } from './event-store-refuses.js';
import { EventStoreUnavailable, type AppendOutcome } from './event-store.js';

/** Records whether appends fail. A health check can't see a full disk or a store that only reads. */
export class AppendWatch {
  private failedAt: number | null = null;
  /** Tells whether the store refused the last failed append. */
  isRefused = false;

  /** Passes the outcomes or the error on. */
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

  /** Tells whether an append failed in the last `ms` because of the store, and none was stored since. */
  hasFailedWithin(ms: number): boolean {
    return this.failedAt !== null && performance.now() - this.failedAt <= ms;
  }
}
