import { Injectable } from '@nestjs/common';
import type { RateLimiterPostgres } from 'rate-limiter-flexible';
import { consume, mustConsume } from '../../../shared/rate-limits/consume.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { RateLimits } from '../../../shared/rate-limits/rate-limits.js';

const PER_PERSON = 5;
const PER_ADDRESS = 5;

/** Counts requests for another address, for all instances together. All addresses count alike. */
@Injectable()
export class AddressLimits {
  private readonly byPerson: RateLimiterPostgres;
  private readonly byAddress: RateLimiterPostgres;

  constructor(private readonly limits: RateLimits) {
    this.byPerson = limits.hourly('address-change-person', PER_PERSON);
    this.byAddress = limits.hourly('address-change-address', PER_ADDRESS);
  }

  /** @throws RuleBroken `too-many-requests` with Retry-After */
  async countPerson(personId: string): Promise<void> {
    await mustConsume(this.byPerson, this.limits.keyOf('address-change-person', personId));
  }

  /** Whether one more mail may be sent to the address. The caller isn't told, because others may have asked for it. */
  async mayMail(address: EmailAddress): Promise<boolean> {
    return (await consume(this.byAddress, this.limits.keyOf('address-change-address', address))) === null;
  }
}
