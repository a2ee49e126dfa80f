import { createHash, timingSafeEqual } from 'node:crypto';
import { bearerToken } from '../bearer.js';
import { RuleBroken } from '../../problems/problem-codes.js';

/** Who gets the numbers at the port that everybody reaches: whoever has the token, nobody where there is none. */
export class MetricsAccess {
  private readonly expected: Buffer | null;

  /** @param token null: they are not served at that port */
  constructor(token: string | null) {
    this.expected = token === null ? null : digest(token);
  }

  /** @param authorization the request's header. @throws RuleBroken `not-found` where there is nothing to get, `unauthenticated` for no token or another one */
  mustHold(authorization: string | undefined): void {
    if (this.expected === null) throw new RuleBroken('not-found');
    const given = bearerToken(authorization) ?? '';
    // Digests have one length: comparing them takes as long whatever was given.
    if (!timingSafeEqual(digest(given), this.expected)) throw new RuleBroken('unauthenticated');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
