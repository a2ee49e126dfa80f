import { RuleBroken } from '../problems/problem-codes.js';
import { RateLimiterRes, type RateLimiterPostgres } from 'rate-limiter-flexible';

/** Counts one point. Returns the seconds until the limit allows it again; null when it is allowed. */
export async function consume(limiter: RateLimiterPostgres, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return Math.ceil(error.msBeforeNext / 1000);
  }
}

/** Counts one point. @throws RuleBroken `too-many-requests` with Retry-After */
export async function mustConsume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  const retryAfter = await consume(limiter, key);
  if (retryAfter !== null) throw new RuleBroken('too-many-requests', { retryAfter });
}
