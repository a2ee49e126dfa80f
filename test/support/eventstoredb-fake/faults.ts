import type { Failure } from './failures.js';

/** An append may also be refused inside its call; the call itself goes on. */
export type AppendFailure = Failure | 'busy' | 'not-ready' | 'timeout-before-commit' | 'timeout-after-commit';

/**
 * What the fake does wrong on purpose, and for how long. Set by the methods of `FakeEventStoreDb`, asked by the
 * services.
 */
export class Faults {
  private stalled: NodeJS.Timeout | undefined;
  private held: (() => void)[] = [];
  private lateByMs = 0;
  /** What a filtered reading takes: a long log that others fill. */
  searchMs = 0;
  /** How long subscriptions say that they have looked further than what they have sent, before they send it. */
  aheadMs = 0;
  private answersToLose = 0;
  /** What callers hear who have no right to what they ask. */
  denial: 'access-denied' | 'unauthenticated' | undefined;
  private readonly appendFailures: AppendFailure[] = [];
  private readonly subscriptionFailures: Failure[] = [];

  get heldWork(): number {
    return this.held.length;
  }

  /** Runs the work at once, or when the stall is over, in the order it came. */
  whenRunning(work: () => void): void {
    if (this.stalled || this.held.length > 0) this.held.push(work);
    else work();
  }

  /** From now on nothing is worked on and nothing answered; a later call replaces an earlier one. 0 ends it. */
  stall(ms: number): void {
    clearTimeout(this.stalled);
    this.stalled = setTimeout(() => {
      this.stalled = undefined;
      while (this.held.length > 0) this.held.shift()!();
    }, ms);
  }

  /** Drops the held calls, because their callers are gone. */
  dropHeld(): void {
    clearTimeout(this.stalled);
    this.stalled = undefined;
    this.held = [];
  }

  /** Every answer to an append or a read waits this long; what was asked is done at once. 0 ends it. */
  answerLate(ms: number): void {
    this.lateByMs = ms;
  }

  answer(send: () => void): void {
    if (this.lateByMs === 0) this.whenRunning(send);
    else
      setTimeout(() => {
        this.whenRunning(send);
      }, this.lateByMs);
  }

  loseAnswers(count: number): void {
    this.answersToLose = count;
  }

  takesLostAnswer(): boolean {
    if (this.answersToLose === 0) return false;
    this.answersToLose -= 1;
    return true;
  }

  failAppends(count: number, failure: AppendFailure): void {
    this.appendFailures.push(...Array.from({ length: count }, () => failure));
  }

  nextAppendFailure(): AppendFailure | undefined {
    return this.appendFailures.shift();
  }

  failSubscriptions(count: number, failure: Failure): void {
    this.subscriptionFailures.push(...Array.from({ length: count }, () => failure));
  }

  nextSubscriptionFailure(): Failure | undefined {
    return this.subscriptionFailures.shift();
  }
}
