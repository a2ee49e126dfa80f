import { Injectable } from '@nestjs/common';
import type { RateLimiterPostgres } from 'rate-limiter-flexible';
import { mustConsume } from '../../../shared/rate-limits/consume.js';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';

/** The limit is high, because all patients of a clinic may share one IP address. */
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
    this.byOrigin = limits.hourly('patient-link-origin', PER_ORIGIN);
    this.byEmail = limits.hourly('patient-link-email', PER_EMAIL);
  }

  /**
   * @param origin as `originOf` makes it.
   * @param organisationId the link's organisation. Requests in one organisation neither show nor block in another.
   * @throws RuleBroken `too-many-requests` with Retry-After
   */
  async count(origin: string, email: EmailAddress, organisationId: string): Promise<void> {
    await mustConsume(this.byOrigin, this.limits.keyOf('origin', origin));
    await mustConsume(this.byEmail, this.limits.keyOf('email', email, organisationId));
  }
}
