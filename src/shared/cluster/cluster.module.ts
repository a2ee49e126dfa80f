import {
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { ProcessRole } from '../lifecycle/process-role.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { NotificationBus } from './notification-bus.js';
import { Sweeps } from './sweeps.js';
import { LeaderElection } from './leader-election.js';
import { LeaderWatch } from './leader-watch.js';

export interface ClusterOptions {
  /** This instance's id, as its log lines show it. */
  instance: string;
}

/**
 * `AppModule` lists this module behind the modules whose work the lease starts and ends. They start before the election
 * and stop after it.
 */
@Global()
@Module({ providers: [NotificationBus, Sweeps], exports: [NotificationBus, Sweeps, LeaderElection] })
export class ClusterModule implements OnApplicationBootstrap, OnApplicationShutdown {
  static with({ instance }: ClusterOptions): DynamicModule {
    return {
      module: ClusterModule,
      providers: [
        {
          provide: LeaderElection,
          useFactory: (database: Database, notificationBus: NotificationBus, failures: WorkFailures) =>
            new LeaderElection(database, notificationBus, failures, undefined, instance),
          inject: [Database, NotificationBus, WorkFailures],
        },
        {
          provide: LeaderWatch,
          useFactory: (database: Database, failures: WorkFailures) => new LeaderWatch(database, failures),
          inject: [Database, WorkFailures],
        },
      ],
    };
  }

  constructor(
    private readonly notificationBus: NotificationBus,
    private readonly leaderElection: LeaderElection,
    private readonly leaderWatch: LeaderWatch,
    private readonly role: ProcessRole,
    private readonly closing: Closing,
  ) {}

  onApplicationBootstrap(): void {
    this.notificationBus.start();
    if (this.role.runsWork) this.leaderElection.start();
    else this.leaderWatch.start();
  }

  /** Stops the election first, because the notification bus then tells the other instances that the lease is free. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('work-lease', async () => {
      await Promise.all([this.leaderElection.stop(), this.leaderWatch.stop()]);
    });
    await this.closing.step('signals', async () => this.notificationBus.stop());
  }
}
