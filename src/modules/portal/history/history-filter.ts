import { type Kind, KINDS } from '../../history/history.contract.js';

/** What the filter of the page calls an area, and how the kinds of its entries begin. */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  team: ['staff.', 'observer.'],
  patients: ['patient.', 'patient-link.'],
  groups: ['group-member.', 'group.'],
  files: ['file.'],
  roles: ['role.'],
  places: ['organisation.', 'deployment.', 'installation.'],
  accounts: ['sign-in.', 'account.'],
};

/** The areas, in the order of the filter. */
export const HISTORY_AREAS = Object.keys(AREAS);

/** The kinds of an area; none for any other word. */
export function kindsOf(area: string): Kind[] {
  const beginnings = Object.hasOwn(AREAS, area) ? (AREAS[area] ?? []) : [];
  return KINDS.filter((kind) => beginnings.some((beginning) => kind.startsWith(beginning)));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The last moment before a day, in UTC. A text that is no day stays, so that the query refuses it. */
export function beforeDay(day: string): string {
  const start = DAY.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : Number.NaN;
  return Number.isNaN(start) ? day : new Date(start - 1).toISOString();
}

/** The last moment of a day, in UTC. A text that is no day stays, so that the query refuses it. */
export function endOfDay(day: string): string {
  return DAY.test(day) ? `${day}T23:59:59.999Z` : day;
}

/** The instant that a day means in a table about the past: its end, and now for today. Empty: now. */
export function instantOf(day: string, now: Date): string {
  return day === dayOf(now) ? '' : endOfDay(day);
}

/** The day of a time, in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
