import { isDeepStrictEqual } from 'node:util';

/** A row of the history that is not what the log says. It names columns and no values. */
export interface Difference {
  table: string;
  /** The number of an entry, or the key of a period and the number that it begins with. */
  key: string;
  what: 'changed' | 'missing' | 'added';
  /** The columns that differ, where the row was changed. */
  fields: string[];
}

/** A row as the log says it, and as the table has it; null: the table lacks it. */
export interface Found<Row> {
  wanted: Row;
  found: Row | null;
}

/** The columns in which two rows differ. */
export function fieldsThatDiffer(wanted: object, found: object): string[] {
  const values = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).flatMap(([field, value]) =>
    isDeepStrictEqual(value, values.get(field)) ? [] : [field],
  );
}
