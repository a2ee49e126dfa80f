import { Injectable } from '@nestjs/common';
import { WorkFailures } from '../resilience/work-failures.js';
import { LeaderElection } from './leader-election.js';

/** Tidying up, on the instance that works. What fails is counted, and done again at its next turn. */
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
