import { Injectable } from '@nestjs/common';
import type { RateLimiterPostgres } from 'rate-limiter-flexible';
import { consume, mustConsume } from '../../../shared/rate-limits/consume.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';

const PER_ORIGIN = 100;
const PER_EMAIL = 5;

/** Counts requests for a new password, for all instances together. Known and unknown addresses count alike. */
@Injectable()
export class PasswordResetLimits {
  private readonly byOrigin: RateLimiterPostgres;
  private readonly byEmail: RateLimiterPostgres;

  constructor(private readonly limits: RateLimits) {
    this.byOrigin = limits.hourly('password-reset-origin', PER_ORIGIN);
    this.byEmail = limits.hourly('password-reset-email', PER_EMAIL);
  }

  /** @throws RuleBroken `too-many-requests` with Retry-After */
  async countOrigin(origin: string): Promise<void> {
    await mustConsume(this.byOrigin, this.limits.keyOf('password-reset-origin', origin));
  }

  /** Whether one more mail may be sent to the address. The caller isn't told, because others may have asked for it. */
  async mayMail(email: EmailAddress): Promise<boolean> {
    return (await consume(this.byEmail, this.limits.keyOf('password-reset-email', email))) === null;
  }
}
