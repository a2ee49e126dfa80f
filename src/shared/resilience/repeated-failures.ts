import type { Clock } from '../time/clock.js';

/** The data of a log line about failures for one reason. */
export interface RepeatedFailure<Reason extends string> {
  reason: Reason;
  /** Number of failures since the last line for this reason, this one included. */
  count: number;
}

const MINUTE_MS = 60_000;

/**
 * Counts repeated failures by reason and writes at most one line a minute for each reason.
 * It logs the first failure at once, and later ones with their number.
 */
export class RepeatedFailures<Reason extends string> {
  private readonly states: Map<Reason, { total: number; written: number; writtenAt: number | null }>;

  /**
   * @param reasons all reasons, so that each counter starts at 0
   * @param write writes one log line; `latest` is what `record` got
   */
  constructor(
    reasons: readonly Reason[],
    private readonly clock: Clock,
    private readonly write: (failure: RepeatedFailure<Reason>, latest: object) => void,
  ) {
    this.states = new Map(reasons.map((reason) => [reason, { total: 0, written: 0, writtenAt: null }]));
  }

  /** @param latest fields of this failure, for the line if one is due; no text of a person or of another server */
  record(reason: Reason, latest: object = {}): void {
    const state = this.states.get(reason);
    if (!state) throw new TypeError(`${reason} is none of the reasons`);
    state.total += 1;
    const now = this.clock.now().getTime();
    // The absolute value, because a clock that was set back must not silence a reason until it has caught up.
    if (state.writtenAt !== null && Math.abs(now - state.writtenAt) < MINUTE_MS) return;
    const count = state.total - state.written;
    Object.assign(state, { written: state.total, writtenAt: now });
    this.write({ reason, count }, latest);
  }

  /** Returns the number of failures for each reason since the start. */
  get totals(): ReadonlyMap<Reason, number> {
    return new Map([...this.states].map(([reason, { total }]) => [reason, total]));
  }
}
