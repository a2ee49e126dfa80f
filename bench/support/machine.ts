import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { sql } from 'kysely';
import { onDatabase } from './databases.js';
import { SETTINGS } from './settings.js';

export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  node: string;
  postgres: string;
  /** PostgreSQL's settings that decide what a commit costs. */
  postgresSettings: Record<string, string>;
  /** The load average of the last minute when the run began. */
  loadAtStart: number;
}

export async function describeMachine(): Promise<Machine> {
  const [load = NaN] = loadavg();
  const shown = await onDatabase(SETTINGS.databaseUrl, async (db) => {
    const { rows } = await sql<{
      name: string;
      setting: string;
    }>`select name, current_setting(name) as setting from pg_settings
      where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', 'jit')`.execute(
      db,
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
  const { server_version: postgres = 'unknown', ...postgresSettings } = shown;
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    postgresSettings,
    loadAtStart: load,
  };
}

/** Returns a warning for readers of the figures; null when the machine was idle. */
export function warningAbout({ loadAtStart, cores }: Machine): string | null {
  if (loadAtStart < cores * 0.25) return null;
  return `The machine was not idle: load ${loadAtStart.toFixed(2)} on ${String(cores)} cores when the run began. Ratios hold better than absolute figures.`;
}
