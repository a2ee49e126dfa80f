import { setTimeout as pause } from 'node:timers/promises';
import { withTimeout } from '../../resilience/timeouts.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { EventStoreUnavailable } from '../event-store.js';
import { exponentialDelays } from '../optimistic-retry.js';
import { meaningOf } from './failures.js';

/**
 * A slow store still responds to other calls, which prolongs the wait of each call. A call waits at most this many
 * times `patienceMs`.
 */
const MOST_PATIENCE = 4;

interface Limits {
  /** Maximum number of calls at once; further calls wait in a queue. */
  maxConcurrentCalls: number;
  /** Milliseconds that a call waits while the store responds to no call of this kind. */
  patienceMs: number;
  /** Aborts the calls. */
  signal?: AbortSignal;
}

/**
 * Limits and repeats calls of one kind. It repeats a call unchanged while the store is unavailable, and gives the call
 * up when the store stays silent.
 * Therefore a slow store gets through a long queue, and the queue before a silent store ends.
 */
export class StoreCalls {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private lastAnswerAt = 0;

  constructor(private readonly limits: Limits) {
    this.free = limits.maxConcurrentCalls;
  }

  /**
   * @param attempt may be repeated; its signal aborts when its result is no longer needed
   * @throws EventStoreUnavailable
   */
  async run<Result>(attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const work = this.withSlot(attempt, performance.now());
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  /** Resolves when every call has ended. */
  async whenIdle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private async withSlot<Result>(attempt: (signal: AbortSignal) => Promise<Result>, since: number): Promise<Result> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.withRetries(attempt, since);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async withRetries<Result>(attempt: (signal: AbortSignal) => Promise<Result>, since: number): Promise<Result> {
    // Responses to other calls extend the time, up to this limit.
    const atLatest = performance.now() + MOST_PATIENCE * this.limits.patienceMs;
    const { signal } = this.limits;
    const left = (): number =>
      signal?.aborted
        ? 0
        : Math.min(Math.max(since, this.lastAnswerAt) + this.limits.patienceMs, atLatest) - performance.now();
    let failure: EventStoreUnavailable | undefined;
    for (const delayMs of exponentialDelays()) {
      if (left() <= 0) break;
      try {
        const result = await withTimeout({ meaningOf, withinMs: left }, async (late) =>
          attempt(signal ? AbortSignal.any([late, signal]) : late),
        );
        this.lastAnswerAt = performance.now();
        return result;
      } catch (error) {
        if (!(error instanceof EventStoreUnavailable) || error instanceof EventStoreRefuses) throw error;
        failure = error;
      }
      await pause(delayMs);
    }
    throw failure ?? new EventStoreUnavailable();
  }
}
