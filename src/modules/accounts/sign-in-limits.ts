import { Injectable, Logger } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterPostgres } from 'rate-limiter-flexible';
import { networkOf } from '../../shared/http/links/origin.js';
import { KeyedMutex } from '../../shared/resilience/keyed-mutex.js';
import { RateLimits } from '../../shared/rate-limits/rate-limits.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

const WINDOW_SECONDS = 15 * 60;
const PER_ACCOUNT = 10;
const PER_ORIGIN = 100;
/**
 * Above this multiple of the limit, concurrent attempts are a flood. Then each instance refuses them for a while
 * without a query.
 */
const FLOOD = 2;
const FLOOD_SECONDS = 10;

/** An attempt to sign in. */
export interface Attempt {
  /** The normalised address, known or not, or a constant text for a malformed one. */
  account: string;
  /** As `originOf` makes it. */
  origin: string;
  /** The id of the browser, if it signed in to the account before; otherwise null. */
  browser: string | null;
}

interface Count {
  limiter: RateLimiterPostgres;
  key: string;
}

/**
 * Limits failed sign-ins, for all instances together: 10 in 15 minutes per account and origin, 100 per origin. A
 * browser that signed in to the account before has its own 10, so that strangers' failures can't lock it out. Source:
 * docs/domain.md §13, ADR 0032
 */
@Injectable()
export class SignInLimits {
  private readonly log = new Logger(SignInLimits.name);
  private readonly queue = new KeyedMutex();
  private readonly byAccount: RateLimiterPostgres;
  private readonly byOrigin: RateLimiterPostgres;
  private readonly byBrowser: RateLimiterPostgres;

  constructor(private readonly limits: RateLimits) {
    const limiter = (name: string, points: number): RateLimiterPostgres =>
      limits.limiter({
        name,
        points,
        seconds: WINDOW_SECONDS,
        blockInMemory: { from: FLOOD * points, seconds: FLOOD_SECONDS },
      });
    this.byAccount = limiter('sign-in-account', PER_ACCOUNT);
    this.byOrigin = limiter('sign-in-origin', PER_ORIGIN);
    this.byBrowser = limiter('sign-in-browser', PER_ACCOUNT);
  }

  /**
   * Counts the attempt as failed beforehand, and rolls the count back unless it fails. Attempts at one account from one
   * origin run one after the other, so that successful ones never cause a refusal.
   * @param verify returns null for a failed attempt
   * @throws RuleBroken `sign-in-failed`, `too-many-attempts` with Retry-After
   */
  async attempt<Result>(attempt: Attempt, verify: () => Promise<Result | null>): Promise<Result> {
    const counts = this.countsOf(attempt);
    return this.queue.run(counts.map(({ key }) => key).join(), async () => {
      await this.count(attempt, counts);
      const result = await verify().catch(async (error: unknown) => {
        await rollBack(counts);
        throw error;
      });
      if (result === null) {
        this.report('sign-in-failed', attempt);
        throw new RuleBroken('sign-in-failed');
      }
      await rollBack(counts);
      return result;
    });
  }

  private countsOf({ account, origin, browser }: Attempt): Count[] {
    if (browser !== null) return [{ limiter: this.byBrowser, key: this.limits.keyOf('browser', account, browser) }];
    return [
      { limiter: this.byAccount, key: this.limits.keyOf('account', account, origin) },
      { limiter: this.byOrigin, key: this.limits.keyOf('origin', origin) },
    ];
  }

  private async count(attempt: Attempt, counts: readonly Count[]): Promise<void> {
    const outcomes = await Promise.all(counts.map(async (count) => ({ count, result: await consumed(count) })));
    const refusals = outcomes.map(({ result }) => result).filter(({ isRefused }) => isRefused);
    if (refusals.length === 0) return;
    // Refused attempts don't count. A refusal from memory was never counted, so it needs no roll-back.
    await rollBack(outcomes.filter(({ result }) => result.isCounted).map(({ count }) => count));
    this.report('sign-in-limited', attempt);
    throw new RuleBroken('too-many-attempts', {
      retryAfter: Math.ceil(Math.max(...refusals.map(({ waitMs }) => waitMs), 1) / 1000),
    });
  }

  /**
   * Writes a security event to the log. It shows the account by a keyed hash, the same on all instances, and the origin
   * by its network.
   */
  private report(event: 'sign-in-failed' | 'sign-in-limited', { account, origin, browser }: Attempt): void {
    this.log.warn({
      event,
      security: true,
      account: this.limits.keyOf('log', account).slice(0, 16),
      origin: networkOf(origin),
      knownBrowser: browser !== null,
      msg: event.replaceAll('-', ' '),
    });
  }
}

async function consumed({ limiter, key }: Count): Promise<{ isRefused: boolean; isCounted: boolean; waitMs: number }> {
  try {
    await limiter.consume(key);
    return { isRefused: false, isCounted: true, waitMs: 0 };
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return { isRefused: true, isCounted: error.consumedPoints > 0, waitMs: error.msBeforeNext };
  }
}

async function rollBack(counts: readonly Count[]): Promise<void> {
  await Promise.all(counts.map(async ({ limiter, key }) => limiter.reward(key)));
}
