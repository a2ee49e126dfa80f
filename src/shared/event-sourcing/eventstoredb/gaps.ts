import { isAfter, type LogPosition } from './log-position.js';

/** A stretch of the log without an event of some categories. */
export interface Gap {
  /** The last event of these before it; undefined: there is none. */
  last: LogPosition | undefined;
  /** Undefined: nothing was looked at yet. */
  upTo: LogPosition | undefined;
}

/** What subscriptions and looks have found out about the end of the log, so that nobody searches it again. */
export class Gaps {
  private readonly known = new Map<string, Gap>();

  of(categories: readonly string[]): Gap | undefined {
    return this.known.get(categories.join());
  }

  /** The gap that reaches furthest says most. */
  learn(categories: readonly string[], gap: Gap): void {
    if (!isAfter(this.of(categories)?.upTo, gap.upTo)) this.known.set(categories.join(), gap);
  }

  /** The log is not the one that was looked at. */
  forget(): void {
    this.known.clear();
  }
}
