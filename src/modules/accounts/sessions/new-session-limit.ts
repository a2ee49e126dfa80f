import { Injectable } from '@nestjs/common';
import type { RateLimiterPostgres } from 'rate-limiter-flexible';
import { consume } from '../../../shared/rate-limits/consume.js';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

const PER_HOUR = 60;

/** Limits the sessions that one person begins in an hour, for all instances together, because each is recorded. */
@Injectable()
export class NewSessionLimit {
  private readonly limiter: RateLimiterPostgres;

  constructor(private readonly limits: RateLimits) {
    this.limiter = limits.hourly('new-sessions', PER_HOUR);
  }

  /** @throws RuleBroken `too-many-attempts` with Retry-After */
  async count(personId: string): Promise<void> {
    const retryAfter = await consume(this.limiter, this.limits.keyOf('new-sessions', personId));
    if (retryAfter !== null) throw new RuleBroken('too-many-attempts', { retryAfter });
  }
}
