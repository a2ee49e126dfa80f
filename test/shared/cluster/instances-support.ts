import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { NotificationBus } from '../../../src/shared/cluster/notification-bus.js';
import { LeaderElection } from '../../../src/shared/cluster/leader-election.js';
import { Clock } from '../../../src/shared/time/clock.js';
import { WorkFailures } from '../../../src/shared/resilience/work-failures.js';

const failures = new WorkFailures(new Clock());

/** One of several instances, with its own connections, notifications and claim to the lease. */
export class Instance {
  /** How many terms as leader it has begun. */
  began = 0;
  /** Whether it works as leader at this moment. */
  working = false;

  private constructor(
    readonly database: Database,
    readonly notificationBus: NotificationBus,
    readonly leaderElection: LeaderElection,
  ) {
    leaderElection.whileLeader(async (signal) => this.work(signal));
  }

  static async open(url: string): Promise<Instance> {
    const database = await Database.open({ url, entities: ENTITIES, migrations: MIGRATIONS });
    const notificationBus = new NotificationBus(database, failures);
    return new Instance(database, notificationBus, new LeaderElection(database, notificationBus, failures));
  }

  start(): void {
    this.notificationBus.start();
    this.leaderElection.start();
  }

  async close(): Promise<void> {
    await this.leaderElection.stop();
    await this.notificationBus.stop();
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
