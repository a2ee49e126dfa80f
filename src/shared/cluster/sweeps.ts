import { Injectable } from '@nestjs/common';
import { WorkFailures } from '../resilience/work-failures.js';
import { LeaderElection } from './leader-election.js';

/** Runs periodic cleanup on the leader. A failure is counted, and the next schedule tries again. */
@Injectable()
export class Sweeps {
  constructor(
    private readonly leaderElection: LeaderElection,
    private readonly failures: WorkFailures,
  ) {}

  /** Never throws. */
  async run(sweep: () => Promise<unknown>): Promise<void> {
    if (!this.leaderElection.isLeader) return;
    try {
      await sweep();
    } catch (error) {
      this.failures.record('sweep', error);
    }
  }
}
