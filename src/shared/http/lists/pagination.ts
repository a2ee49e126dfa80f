import { isUUID } from 'class-validator';
import { RuleBroken } from '../../problems/problem-codes.js';
import { FIELD_MESSAGES } from '../field-messages.js';
import type { Total } from './totals.js';

export const MAX_LIMIT = 200;
export const DEFAULT_LIMIT = 50;

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** A page that says how many items the list has, when the call asks for it. */
export type CountedPage<Item> = Page<Item> & Partial<Total>;

/** Cuts a page out of `limit + 1` rows; the cursor is the last row's sort key. */
export function pageOf<Row>(rows: readonly Row[], limit: number, key: (row: Row) => readonly string[]): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? Buffer.from(JSON.stringify(key(last))).toString('base64url') : null;
  return { items, nextCursor };
}

/** A time in the database's format or in JSON's. */
const TIME =
  /^(\d{4})-(\d{2})-(\d{2})[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)$/;

/** Checks that the day and the time exist, because the database fails at others. */
export function isTime(text: string): boolean {
  const [, year, month, day] = (TIME.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return false;
  // Day 0 of the next month is the last of this one.
  return month <= 12 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const PARTS = {
  time: isTime,
  number: (part: string) => /^(?:-1|\d{1,15})$/.test(part),
  uuid: (part: string) => isUUID(part),
  text: (part: string) => !/[\0\p{Cs}]/u.test(part),
};

/**
 * Returns the sort key in a cursor; null for the first page.
 * @throws RuleBroken `invalid-input` for text that is no cursor of this list
 */
export function readCursor(cursor: string | undefined, parts: readonly (keyof typeof PARTS)[]): string[] | null {
  if (cursor === undefined) return null;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const fits = (part: unknown, index: number): boolean =>
      typeof part === 'string' && PARTS[parts[index] ?? 'text'](part);
    if (Array.isArray(key) && key.length === parts.length && key.every(fits)) return key as string[];
  } catch {
    // Text that isn't JSON is no cursor, so it is refused below.
  }
  throw new RuleBroken('invalid-input', {
    errors: [{ field: 'cursor', message: FIELD_MESSAGES.cursor }],
  });
}
