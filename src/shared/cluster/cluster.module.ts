import {
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '../database/database.js';
import { Closing } from '../lifecycle/closing.js';
import { WorkFailures } from '../resilience/work-failures.js';
import { NotificationBus } from './notification-bus.js';
import { Sweeps } from './sweeps.js';
import { LeaderElection } from './leader-election.js';

export interface ClusterOptions {
  /** This instance's id, as its log lines say it. */
  instance: string;
}

/** Listed behind those whose work the lease begins and ends: what works is there before the lease, and outlives it. */
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
      ],
    };
  }

  constructor(
    private readonly notificationBus: NotificationBus,
    private readonly leaderElection: LeaderElection,
    private readonly closing: Closing,
  ) {}

  onApplicationBootstrap(): void {
    this.notificationBus.start();
    this.leaderElection.start();
  }

  /** The lease first: the others hear by a signal that it is free. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('work-lease', async () => this.leaderElection.stop());
    await this.closing.step('signals', async () => this.notificationBus.stop());
  }
}
