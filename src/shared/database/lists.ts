import { sql, type RawBuilder } from 'kysely';

/**
 * Binds text values as one parameter. Array parameters would cost escaping, and a sub-select over JSON is planned
 * several times slower.
 * A value must not hold a line break, and the list must not be a single empty text.
 */
export function lines(values: readonly string[]): RawBuilder<string[]> {
  return sql`string_to_array(${values.join('\n')}::text, chr(10))`;
}

/** Binds UUIDs as one parameter for `= any(…)`. */
export function uuids(values: Iterable<string>): RawBuilder<string[]> {
  return sql`string_to_array(${[...values].join('\n')}::text, chr(10))::uuid[]`;
}
