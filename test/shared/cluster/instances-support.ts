import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { Signals } from '../../../src/shared/cluster/notification-bus.js';
import { WorkLease } from '../../../src/shared/cluster/leader-election.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { WorkFailures } from '../../../src/shared/resilience/work-failures.js';

const failures = new WorkFailures(new Clock());

/** What several instances share, as one of them has it: its own connections, signals and claim to the lease. */
export class Instance {
  /** Terms of work that were begun. */
  began = 0;
  /** Is at work this moment. */
  working = false;

  private constructor(
    readonly database: Database,
    readonly signals: Signals,
    readonly lease: WorkLease,
  ) {
    lease.whileHeld(async (signal) => this.work(signal));
  }

  static async open(url: string): Promise<Instance> {
    const database = await Database.open({ url, entities: ENTITIES, migrations: MIGRATIONS });
    const signals = new Signals(database, failures);
    return new Instance(database, signals, new WorkLease(database, signals, failures));
  }

  start(): void {
    this.signals.start();
    this.lease.start();
  }

  async close(): Promise<void> {
    await this.lease.stop();
    await this.signals.stop();
    await this.database.close();
  }

  private async work(signal: AbortSignal): Promise<void> {
    this.began += 1;
    this.working = true;
    if (!signal.aborted)
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
    this.working = false;
  }
}
