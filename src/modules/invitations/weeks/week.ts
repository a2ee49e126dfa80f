const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const FIRST_MONDAY_MS = Date.UTC(1970, 0, 5);

/** The week of a moment, as the date of its Monday in UTC: `2026-11-30`. @param time ISO UTC, or a date */
export function weekOf(time: string | Date): string {
  return dateOf(mondayOf(new Date(time).getTime()));
}

/** The week of a moment and the weeks before it, oldest first. */
export function weeksUntil(time: Date, count: number): string[] {
  const last = mondayOf(time.getTime());
  return Array.from({ length: count }, (_, n) => dateOf(last - (count - 1 - n) * WEEK_MS));
}

function mondayOf(ms: number): number {
  return FIRST_MONDAY_MS + Math.floor((ms - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'yyyy-mm-dd'.length);
}
