import type { AppendResult } from './append-rules.js';
import type { LogRecord } from './log.js';

/** The server's CommitTimeoutMs, after which a dropped append's caller gets a timeout. A real server adds up to 1 s. */
const COMMIT_TIMEOUT_MS = 2_000;

type Outcome = { result: AppendResult } | { failed: 'timeout-after-commit' };

interface Waiting {
  timer: NodeJS.Timeout;
  lost: () => void;
}

/**
 * The time between a leader's write and its replication. The caller of the append waits for it. A repetition meanwhile is
 * dropped, and its caller gets a timeout.
 */
export class Replication {
  private takesMs = 0;
  private readonly notReady = new Set<LogRecord>();
  private readonly waiting = new Set<Waiting>();

  /** The number of callers who wait, those of dropped appends included. */
  get size(): number {
    return this.waiting.size;
  }

  /** Sets the duration of replication, for later appends. */
  take(ms: number): void {
    this.takesMs = ms;
  }

  /** Whether a repetition is dropped, because its append is not replicated yet. */
  drops(result: AppendResult): boolean {
    return result.ok && result.repeated && this.notReady.has(result.last!);
  }

  /** Calls `tell` with the outcome for the append's caller, after the replication or the timeout. */
  whenKnown(result: AppendResult, tell: (outcome: Outcome) => void): void {
    if (this.drops(result))
      this.wait(COMMIT_TIMEOUT_MS, tell, () => {
        tell({ failed: 'timeout-after-commit' });
      });
    else if (this.takesMs === 0 || !result.ok || result.repeated || !result.last) tell({ result });
    else {
      const { last } = result;
      this.notReady.add(last);
      this.wait(this.takesMs, tell, () => {
        this.notReady.delete(last);
        tell({ result });
      });
    }
  }

  /** Answers each waiting caller with a timeout, as a node does that no longer leads. */
  cancel(): void {
    for (const { timer, lost } of this.waiting) {
      clearTimeout(timer);
      lost();
    }
    this.forget();
  }

  /** Drops the waiting callers, as a crash does. */
  forget(): void {
    for (const { timer } of this.waiting) clearTimeout(timer);
    this.waiting.clear();
    this.notReady.clear();
  }

  private wait(ms: number, tell: (outcome: Outcome) => void, then: () => void): void {
    const waiting: Waiting = {
      timer: setTimeout(() => {
        this.waiting.delete(waiting);
        then();
      }, ms),
      lost: () => {
        tell({ failed: 'timeout-after-commit' });
      },
    };
    this.waiting.add(waiting);
  }
}
