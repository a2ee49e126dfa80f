import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Sweeps } from '../../shared/cluster/sweeps.js';
import { Accounts } from './accounts.js';
import { AccountClosings } from './closing/account-closings.js';
import { SessionIdleTime } from './sessions/session-idle-time.js';
import { SessionRegister } from './sessions/session-register.js';

const EVERY_MS = 60_000;

/**
 * Settles provisional accounts, new passwords and closings that a crash left behind, and ends sessions that are over,
 * once a minute.
 */
@Injectable()
export class AccountSweep {
  constructor(
    private readonly accounts: Accounts,
    private readonly closings: AccountClosings,
    private readonly register: SessionRegister,
    private readonly idleTime: SessionIdleTime,
    private readonly sweeps: Sweeps,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.sweeps.run(async () => {
      await this.accounts.sweep(false);
      await this.closings.sweep();
      await this.register.sweep(this.idleTime.limitAt(Date.now()));
    });
  }
}
