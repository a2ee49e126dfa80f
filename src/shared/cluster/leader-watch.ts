import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import { sleep } from '../resilience/timeouts.js';
import type { WorkFailures } from '../resilience/work-failures.js';
import { LEADER_LEASE } from './leader-election.js';

/** The grace is longer than another process needs to take over from a leader that died. */
const TIMING = { lookEveryMs: 2_000, graceMs: 10_000 };

/** Reports, from a web process, that no process leads: then mails, read models and schedules wait. */
export class LeaderWatch {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly failures: WorkFailures,
    private readonly timing = TIMING,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { lookEveryMs, graceMs } = this.timing;
    let ledAt = performance.now();
    while (!signal.aborted) {
      // Health reports a database that doesn't answer.
      if (await this.hasLeader().catch(() => true)) ledAt = performance.now();
      else if (performance.now() - ledAt >= graceMs) this.failures.record('no-leader');
      // The lease runs out without a notification, so only a look at intervals tells.
      await sleep(lookEveryMs, signal);
    }
  }

  private async hasLeader(): Promise<boolean> {
    const { rows } =
      await sql`select from work_lease where name = ${LEADER_LEASE} and until > clock_timestamp()`.execute(
        this.database.kysely(),
      );
    return rows.length > 0;
  }
}
