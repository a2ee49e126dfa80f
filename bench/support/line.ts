import { figures, spreadOf, type Spread } from './statistics.js';

/** One side of a line: what was measured, repetition by repetition. */
export interface Side {
  what: string;
  unit: string;
  spread: Spread;
  repetitions: number[];
}

/** One line of the table. */
export interface Line {
  name: string;
  what: string;
  ours: Side;
  other: Side | null;
  /**
   * How many times our side is as good as the other. For pages, how many times the long list is as slow as the short
   * one.
   */
  ratio: number | null;
  /** Null where docs/performance/method.md sets none. */
  goal: { text: string; met: boolean } | null;
  /** Facts that a reader needs to judge the figures. */
  notes: string[];
  /** All other figures of the run. */
  details?: unknown;
}

export function side(what: string, unit: string, repetitions: number[]): Side {
  return { what, unit, spread: spreadOf(repetitions), repetitions };
}

/** A row of the Markdown table. */
export function row({ what, ours, other, ratio, goal }: Line): string {
  const cell = (shown: Side | null): string =>
    shown ? `${shown.what}: ${figures(shown.spread)} ${shown.unit}` : 'not measured';
  const verdict = goal === null ? '' : goal.met ? 'yes' : 'no';
  return `| ${what} | ${cell(ours)} | ${cell(other)} | ${ratio === null ? '' : `${ratio.toFixed(1)} ×`} | ${goal?.text ?? ''} | ${verdict} |`;
}
