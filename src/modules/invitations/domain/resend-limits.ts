import type { LimitSettings } from '../invite/limits/limit-settings.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { Invitation } from './invitation.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Counts the resends on the invitation's own stream, so refused calls don't count.
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

/** Milliseconds until the limit allows one more. A stored time ahead of the clock counts as now. */
function waitFor(times: readonly string[], most: number, periodMs: number, now: Date): number {
  const oldest = most === 0 ? undefined : times.at(-most);
  return oldest === undefined ? 0 : Math.min(periodMs, Date.parse(oldest) + periodMs - now.getTime());
}
