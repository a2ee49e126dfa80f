import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { WorkLease } from '../instances/work-lease.js';
import { WorkFailures } from '../work-failures.js';
import { Accounts } from './accounts.js';

const EVERY_MS = 60_000;

/** Tidies up accounts whose acceptance never came to be. */
@Injectable()
export class AccountSweep {
  constructor(
    private readonly accounts: Accounts,
    private readonly lease: WorkLease,
    private readonly failures: WorkFailures,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    if (this.lease.held) await this.accounts.sweep(false).catch((error: unknown) => { this.failures.record('sweep', error); });
  }
}
