import { isAfter, type LogPosition } from './log-position.js';

/** A stretch of the log without an event of certain categories. */
export interface Gap {
  /** Position of the last such event before it; undefined: there is none. */
  last: LogPosition | undefined;
  /** Undefined: nothing was searched yet. */
  upTo: LogPosition | undefined;
}

/** Caches what subscriptions and searches found at the end of the log, so that no stretch is searched twice. */
export class Gaps {
  private readonly known = new Map<string, Gap>();

  of(categories: readonly string[]): Gap | undefined {
    return this.known.get(categories.join());
  }

  /** Keeps the gap that reaches furthest, because it saves the most work. */
  learn(categories: readonly string[], gap: Gap): void {
    if (!isAfter(this.of(categories)?.upTo, gap.upTo)) this.known.set(categories.join(), gap);
  }

  /** Forgets everything, because the log was replaced by another. */
  forget(): void {
    this.known.clear();
  }
}
