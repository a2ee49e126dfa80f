import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterPostgres } from 'rate-limiter-flexible';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

const HOUR_SECONDS = 60 * 60;
/** High, because all patients of a clinic may come from its one address. */
const PER_ORIGIN = 300;
const PER_EMAIL = 5;

/**
 * Counts requests through patient links, for all instances together: per origin, and per e-mail address in each
 * organisation. It counts known and unknown addresses alike. Source: docs/domain.md §8.2
 */
@Injectable()
export class RequestLimits {
  private readonly byOrigin: RateLimiterPostgres;
  private readonly byEmail: RateLimiterPostgres;

  constructor(private readonly limits: RateLimits) {
    // No point is given back, because the first refusal holds until the hour is over.
    const limiter = (name: string, points: number): RateLimiterPostgres =>
      limits.limiter({ name, points, seconds: HOUR_SECONDS, blockInMemory: { from: points + 1 } });
    this.byOrigin = limiter('patient-link-origin', PER_ORIGIN);
    this.byEmail = limiter('patient-link-email', PER_EMAIL);
  }

  /**
   * @param origin as `originOf` makes it.
   * @param organisationId the link's: requests in one organisation neither show nor block in another.
   * @throws RuleBroken `too-many-requests` with Retry-After
   */
  async count(origin: string, email: EmailAddress, organisationId: string): Promise<void> {
    for (const [limiter, key] of [
      [this.byOrigin, this.limits.keyOf('origin', origin)],
      [this.byEmail, this.limits.keyOf('email', email, organisationId)],
    ] as const) {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new RuleBroken('too-many-requests', { retryAfter: Math.ceil(error.msBeforeNext / 1000) });
      }
    }
  }
}
