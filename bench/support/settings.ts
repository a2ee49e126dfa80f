import { join } from 'node:path';

/** The settings of a run. docs/performance/method.md holds the same list. */
export const SETTINGS = {
  /** A PostgreSQL server on which databases may be created. */
  databaseUrl: process.env.DATABASE_URL ?? '',
  /** Number of measurements of each side; the sides take turns. */
  repetitions: number('BENCH_REPETITIONS', 3),
  /** Length of one window of load. */
  seconds: number('BENCH_SECONDS', 10),
  /**
   * Calls before a window. Their number is fixed, so that a slow machine has compiled as much as a fast one. After so
   * many calls Node compiles hardly any more code.
   */
  warmUpCalls: number('BENCH_WARM_UP_CALLS', 20_000),
  /** The peer's calls before a window. They are fewer, because each call of the peer costs more as its tables grow. */
  peerWarmUpCalls: number('BENCH_PEER_WARM_UP_CALLS', 5_000),
  /** Invitations in the long list. */
  rows: number('BENCH_ROWS', 1_000_000),
  /** People in the organisation whose pages are measured. */
  people: number('BENCH_PEOPLE', 100_000),
  /** Names of the lines to measure; null: all. */
  only: process.env.BENCH_ONLY?.split(',') ?? null,
  /** The file for the figures, as JSON. */
  resultFile: process.env.BENCH_RESULT ?? join('bench', 'results', `${new Date().toISOString().slice(0, 10)}.json`),
};

export const CONNECTIONS = 32;

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}
