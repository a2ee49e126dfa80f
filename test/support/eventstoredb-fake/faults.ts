import type { Failure } from './failures.js';

/** The failures of an append. Those beyond `Failure` answer it inside its call, which goes on. */
export type AppendFailure = Failure | 'busy' | 'not-ready' | 'timeout-before-commit' | 'timeout-after-commit';

/**
 * The faults of a fake, and their durations. The methods of `FakeEventStoreDb` set them, and the services read them.
 */
export class Faults {
  private stalled: NodeJS.Timeout | undefined;
  private held: (() => void)[] = [];
  private lateByMs = 0;
  /** The duration of a filtered read, as in a long log that others fill. */
  searchMs = 0;
  /** How long checkpoints precede the events before them. */
  aheadMs = 0;
  private answersToLose = 0;
  /** The refusal of all calls, if any. */
  denial: 'access-denied' | 'unauthenticated' | undefined;
  private readonly appendFailures: AppendFailure[] = [];
  private readonly subscriptionFailures: Failure[] = [];

  get heldWork(): number {
    return this.held.length;
  }

  /** Runs the work at once, or in order at the end of the stall. */
  whenRunning(work: () => void): void {
    if (this.stalled || this.held.length > 0) this.held.push(work);
    else work();
  }

  /** Holds all work for `ms`. A later call replaces an earlier one, and 0 ends the stall. */
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

  /** Delays each answer to an append or a read by `ms`, and the work not at all. 0 ends it. */
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
