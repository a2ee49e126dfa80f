import type { AppendResult } from './append-rules.js';
import type { LogRecord } from './log.js';

/** The server's CommitTimeoutMs: how long it keeps a caller whose append it dropped. Its clock ticks once a second, so a real one takes up to 1 s more. */
const COMMIT_TIMEOUT_MS = 2_000;

type Outcome = { result: AppendResult } | { failed: 'timeout-after-commit' };

interface Waiting {
  timer: NodeJS.Timeout;
  lost: () => void;
}

/**
 * What a leader does between writing an append and knowing that the others have it. The append's caller waits for that; the same append sent again
 * meanwhile is dropped without an answer, and its caller hears a timeout.
 */
export class Replication {
  private takesMs = 0;
  private readonly notReady = new Set<LogRecord>();
  private readonly waiting = new Set<Waiting>();

  /** Callers who wait, dropped ones too. */
  get size(): number {
    return this.waiting.size;
  }

  /** From now on; 0 ends it for appends to come. */
  take(ms: number): void {
    this.takesMs = ms;
  }

  /** Whether this repetition comes too early to be answered. */
  drops(result: AppendResult): boolean {
    return result.ok && result.repeated && this.notReady.has(result.last!);
  }

  /** Calls back with what the append's caller is to hear, when it is time. */
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

  /** A node that leads no more answers every caller who waits with a timeout. */
  cancel(): void {
    for (const { timer, lost } of this.waiting) {
      clearTimeout(timer);
      lost();
    }
    this.forget();
  }

  /** The callers are gone, as when a node goes down. */
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
