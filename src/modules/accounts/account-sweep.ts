import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Sweeps } from '../../shared/cluster/sweeps.js';
import { Accounts } from './accounts.js';

const EVERY_MS = 60_000;

/** Removes or confirms provisional accounts that a crash left behind. */
@Injectable()
export class AccountSweep {
  constructor(
    private readonly accounts: Accounts,
    private readonly sweeps: Sweeps,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.sweeps.run(async () => this.accounts.sweep(false));
  }
}
