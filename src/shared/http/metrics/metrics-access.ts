import { createHash, timingSafeEqual } from 'node:crypto';
import { bearerToken } from '../bearer.js';
import { RuleBroken } from '../../problems/problem-codes.js';

/** Guards the metrics at the main port. A caller needs the token. No caller gets them while no token is configured. */
export class MetricsAccess {
  private readonly expected: Buffer | null;

  /** @param token null: metrics are not served at the main port */
  constructor(token: string | null) {
    this.expected = token === null ? null : digest(token);
  }

  /**
   * Checks the request's Authorization header.
   * @throws RuleBroken `not-found` where no metrics are served, `unauthenticated` for no token or another one
   */
  mustHold(authorization: string | undefined): void {
    if (this.expected === null) throw new RuleBroken('not-found');
    const given = bearerToken(authorization) ?? '';
    // Digests have one length, so the comparison takes the same time for any token.
    if (!timingSafeEqual(digest(given), this.expected)) throw new RuleBroken('unauthenticated');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
