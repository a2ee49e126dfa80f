import type { LimitSettings } from '../invite/limits/limit-settings.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { Invitation } from './invitation.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Counts by the invitation's own stream how often it was resent, so refused calls count for nothing.
 * @throws RuleBroken `too-many-requests` with Retry-After
 */
export function mustNotBeSentTooOften(
  invitation: Invitation,
  { perMinute, perDay }: LimitSettings['resends'],
  now: Date,
): void {
  const times = invitation.status === 'none' ? [] : invitation.resentAt;
  const wait = Math.max(waitFor(times, perMinute, MINUTE_MS, now), waitFor(times, perDay, DAY_MS, now));
  if (wait > 0) throw new RuleBroken('too-many-requests', { retryAfter: Math.ceil(wait / 1000) });
}

/** Milliseconds until one more fits into the period. A time ahead of the clock counts as this moment. */
function waitFor(times: readonly string[], most: number, periodMs: number, now: Date): number {
  const oldest = most === 0 ? undefined : times.at(-most);
  return oldest === undefined ? 0 : Math.min(periodMs, Date.parse(oldest) + periodMs - now.getTime());
}
