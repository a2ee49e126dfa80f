import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { KeyedQueue } from '../keyed-queue.js';
import { RuleBroken } from '../problems/problem-codes.js';

const WINDOW_SECONDS = 15 * 60;
const PER_ACCOUNT = 10;
const PER_ADDRESS = 100;

/** Counts failed sign-ins, per account and per socket address, in this process: 10 and 100 in 15 minutes. Source: DOMAIN §6 */
@Injectable()
export class SignInLimits {
  private readonly byAccount = new RateLimiterMemory({ keyPrefix: 'account', points: PER_ACCOUNT, duration: WINDOW_SECONDS });
  private readonly byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: PER_ADDRESS, duration: WINDOW_SECONDS });

  private readonly queue = new KeyedQueue();

  /** Lets one attempt per account follow the other: guesses sent all at once get no further than the same guesses in a row. */
  async inTurn<Result>(account: string, attempt: () => Promise<Result>): Promise<Result> {
    return this.queue.run(account, attempt);
  }

  /** @throws RuleBroken `too-many-attempts` with Retry-After */
  async mustBeAllowed(account: string, address: string): Promise<void> {
    const waits = (await Promise.all([waitOf(this.byAccount, account), waitOf(this.byAddress, address)])).filter((wait) => wait > 0);
    if (waits.length > 0) throw new RuleBroken('too-many-attempts', { retryAfter: Math.ceil(Math.max(...waits) / 1000) });
  }

  async countFailure(account: string, address: string): Promise<void> {
    const over = (error: unknown): void => {
      if (!(error instanceof RateLimiterRes)) throw error;
    };
    await Promise.all([this.byAccount.consume(account).catch(over), this.byAddress.consume(address).catch(over)]);
  }
}

/** Milliseconds until another attempt is allowed; 0 when it is now. */
async function waitOf(limiter: RateLimiterMemory, key: string): Promise<number> {
  const count = await limiter.get(key);
  return count && count.consumedPoints >= limiter.points ? count.msBeforeNext : 0;
}
