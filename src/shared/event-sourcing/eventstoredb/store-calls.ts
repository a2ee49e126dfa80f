import { setTimeout as pause } from 'node:timers/promises';
import { withTimeout } from '../../resilience/timeouts.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { EventStoreUnavailable } from '../event-store.js';
import { exponentialDelays } from '../retry-policy.js';
import { meaningOf } from './failures.js';

/** A slow store answers others all the time; a single call of theirs waits this many times as long as for a silent one. */
const MOST_PATIENCE = 4;

interface Limits {
  /** Calls under way at once; the others wait their turn. */
  maxConcurrentCalls: number;
  /** How long a call bears a store that answers nobody: not its caller, not any other call of this kind. */
  patienceMs: number;
  /** Calls are given up when it aborts. */
  signal?: AbortSignal;
}

/**
 * Calls of one kind: some at once, each repeated unchanged while the store is away, given up when the store has answered nobody
 * for a while. A long queue before a slow store is worked off; before a silent one it ends when patience does.
 */
export class StoreCalls {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private lastAnswerAt = 0;

  constructor(private readonly limits: Limits) {
    this.free = limits.maxConcurrentCalls;
  }

  /** @param attempt may be repeated; its signal aborts when nobody waits for it any more. @throws EventStoreUnavailable */
  async run<Result>(attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const work = this.withSlot(attempt, performance.now());
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  /** Resolves when every call has its end. */
  async whenIdle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private async withSlot<Result>(attempt: (signal: AbortSignal) => Promise<Result>, since: number): Promise<Result> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.persistently(attempt, since);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async persistently<Result>(
    attempt: (signal: AbortSignal) => Promise<Result>,
    since: number,
  ): Promise<Result> {
    // Answers to others give it more time, but not for ever.
    const atLatest = performance.now() + MOST_PATIENCE * this.limits.patienceMs;
    const { signal } = this.limits;
    const left = (): number =>
      signal?.aborted
        ? 0
        : Math.min(Math.max(since, this.lastAnswerAt) + this.limits.patienceMs, atLatest) - performance.now();
    let failure: EventStoreUnavailable | undefined;
    for (const pauseMs of exponentialDelays()) {
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
      await pause(pauseMs);
    }
    throw failure ?? new EventStoreUnavailable();
  }
}
