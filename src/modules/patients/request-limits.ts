import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { EmailAddress } from '../../shared/privacy/email-address.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

const HOUR_SECONDS = 60 * 60;
/** A clinic's patients come from one address of origin: it may be the clinic's own. */
const PER_ORIGIN = 300;
const PER_EMAIL = 5;

/** Counts requests through patient links in this process, per address of origin and per e-mail, whoever is known. Source: DOMAIN §4 */
@Injectable()
export class RequestLimits {
  private readonly byOrigin = new RateLimiterMemory({ keyPrefix: 'origin', points: PER_ORIGIN, duration: HOUR_SECONDS });
  private readonly byEmail = new RateLimiterMemory({ keyPrefix: 'email', points: PER_EMAIL, duration: HOUR_SECONDS });

  /** @param origin the caller's socket address. @throws RuleBroken `too-many-requests` with Retry-After */
  async count(origin: string, email: EmailAddress): Promise<void> {
    for (const [limiter, key] of [[this.byOrigin, origin], [this.byEmail, email]] as const) {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new RuleBroken('too-many-requests', { retryAfter: Math.ceil(error.msBeforeNext / 1000) });
      }
    }
  }
}
