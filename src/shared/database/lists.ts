import { sql, type RawBuilder } from 'kysely';

/**
 * Text values, not a single empty one, as one bound parameter, without the escaping that array parameters cost; a statement with it is planned several times
 * faster than one with a sub-select over JSON. None of the values holds a line break.
 */
export function lines(values: readonly string[]): RawBuilder<string[]> {
  return sql`string_to_array(${values.join('\n')}::text, chr(10))`;
}

/** UUIDs as one bound parameter, for `= any(…)`. */
export function uuids(values: Iterable<string>): RawBuilder<string[]> {
  return sql`string_to_array(${[...values].join('\n')}::text, chr(10))::uuid[]`;
}
