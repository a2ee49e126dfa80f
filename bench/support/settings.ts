import { join } from 'node:path';

/** What a run may be told. docs/performance.md holds the same list. */
export const SETTINGS = {
  /** A PostgreSQL server on which databases may be created. */
  databaseUrl: process.env.DATABASE_URL ?? '',
  /** How often each side is measured, taking turns. */
  repetitions: number('BENCH_REPETITIONS', 3),
  /** How long one window of load lasts. */
  seconds: number('BENCH_SECONDS', 10),
  /** Calls before it: by number, so that a slow machine has compiled as much as a fast one. So many that hardly anything is compiled after them. */
  warmUpCalls: number('BENCH_WARM_UP_CALLS', 20_000),
  /** The peer's, which is at its best after these: each of its calls costs the more the longer its tables are. */
  peerWarmUpCalls: number('BENCH_PEER_WARM_UP_CALLS', 5_000),
  /** Invitations in the long list. */
  rows: number('BENCH_ROWS', 1_000_000),
  /** Names of lines; absent: all. */
  only: process.env.BENCH_ONLY?.split(',') ?? null,
  /** Where the figures go as JSON. */
  resultFile: process.env.BENCH_RESULT ?? join('bench', 'results', `${new Date().toISOString().slice(0, 10)}.json`),
};

export const CONNECTIONS = 32;

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}
