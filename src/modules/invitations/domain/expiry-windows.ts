const HOUR = 3_600_000;

/**
 * How long an invitation can be accepted, in milliseconds. `1y` is a calendar year, which may be a day longer. Source:
 * docs/domain.md §6.2
 */
export const EXPIRY_WINDOWS = {
  '24h': 24 * HOUR,
  '48h': 48 * HOUR,
  '72h': 72 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
  '1y': 365 * 24 * HOUR,
} as const;
export type ExpiryWindow = keyof typeof EXPIRY_WINDOWS;

/** When a window that opens at `from` closes: ISO UTC, exclusive. */
export function expiryOf(window: ExpiryWindow, from: Date): string {
  return (window === '1y' ? oneYearAfter(from) : new Date(from.getTime() + EXPIRY_WINDOWS[window])).toISOString();
}

/** The same day and time in UTC of the next year; for 29 February the last day of February. */
function oneYearAfter(from: Date): Date {
  const end = new Date(from);
  end.setUTCFullYear(from.getUTCFullYear() + 1);
  // The next year has no 29 February, so the date ran over into March.
  if (end.getUTCMonth() !== from.getUTCMonth()) end.setUTCDate(0);
  return end;
}

/**
 * The reminder goes out this many milliseconds before `expiresAt`, if the window is at least twice as long. Source:
 * docs/domain.md §6.2
 */
const REMINDED_BEFORE = 2 * 24 * HOUR;

/** When the invitee is reminded: ISO UTC; null for a window that is too short. */
export function reminderAt(window: ExpiryWindow, expiresAt: string): string | null {
  if (EXPIRY_WINDOWS[window] < 2 * REMINDED_BEFORE) return null;
  return new Date(Date.parse(expiresAt) - REMINDED_BEFORE).toISOString();
}

/** Whether the window is closed. At `expiresAt` it is closed. */
export function isPast(expiresAt: string, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt);
}
