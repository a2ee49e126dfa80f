import type { Schema } from './openapi.js';

/** An id that no person and no thing has. */
const ANONYMOUS_ID = '00000000-0000-4000-8000-000000000000';

/** A value that the schema allows: its example, or the simplest valid value. */
export function goodValue(schema: Schema, which: 'all' | 'required' = 'all'): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      if (schema.format === 'uuid') return ANONYMOUS_ID;
      return schema.format === 'uri' ? 'https://example.org/policy' : 'x'.repeat(Math.max(schema.minLength ?? 1, 12));
    case 'integer':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    case 'array':
      return [goodValue(schema.items ?? {})];
    case 'object':
      return goodObject(schema, which);
    case undefined:
    default:
      throw new Error(`no good value is known for ${JSON.stringify(schema)}`);
  }
}

function goodObject({ properties = {}, required = [] }: Schema, which: 'all' | 'required'): object {
  const wanted = Object.entries(properties).filter(([name]) => which === 'all' || required.includes(name));
  return Object.fromEntries(wanted.map(([name, property]) => [name, goodValue(property, which)]));
}

/** Values that the schema forbids in a JSON body. */
export function badValues(schema: Schema): unknown[] {
  const wrong: unknown[] = schema.nullable ? [] : [null];
  switch (schema.type) {
    case 'string':
      return [...wrong, 5, true, {}, ['text'], ...badTexts(schema)];
    case 'integer':
      return [...wrong, 'many', '', true, false, {}, [1], 1.5, ...beyond(schema)];
    case 'boolean':
      return [...wrong, 'true', 'maybe', 0, 1, {}, [true]];
    case 'array':
      return [
        ...wrong,
        'text',
        5,
        true,
        {},
        ...(schema.minItems ? [[]] : []),
        ...badItems(schema.items ?? {}).map((value) => [value]),
      ];
    case 'object':
      return [...wrong, 'text', 5, true, [], [{}]];
    case undefined:
    default:
      throw new Error(`no bad values are known for ${JSON.stringify(schema)}`);
  }
}

/** Bad values of an item. A text of any kind is none unless it is too long, because the use case judges the others. */
function badItems(schema: Schema): unknown[] {
  const isAnyText = schema.type === 'string' && !schema.enum && !schema.format && schema.minLength === undefined;
  return badValues(schema).filter(
    (value) => typeof value !== 'string' || !isAnyText || value.length > (schema.maxLength ?? Infinity),
  );
}

/** Values that the schema forbids in a query string. */
export function badTexts(schema: Schema): string[] {
  if (schema.type === 'integer') return ['many', '', '1.5', '0x10', ...beyond(schema).map(String)];
  // A list in a query is a parameter that may be repeated.
  if (schema.type === 'array') return badTexts(schema.items ?? {});
  if (schema.enum) return ['no-such-choice', String(schema.enum[0]).toUpperCase()];
  if (schema.type !== 'string') throw new Error(`no bad texts are known for ${JSON.stringify(schema)}`);
  // A password may contain any character. A lone surrogate is no text, and a query string can't contain it.
  const odd = schema.format === 'password' ? [] : ['a\u0000b', 'a\u001bb'];
  const uri = schema.format === 'uri' ? ['no link', 'javascript:alert(1)', '//example.org'] : [];
  const id = schema.format === 'uuid' ? ['', 'garbage', ANONYMOUS_ID.slice(1)] : [];
  return [
    ...odd,
    ...uri,
    ...id,
    ...((schema.minLength ?? 0) > 0 ? [''] : []),
    ...((schema.minLength ?? 0) > 1 ? ['x'.repeat(schema.minLength! - 1)] : []),
    ...(schema.maxLength === undefined ? [] : ['x'.repeat(schema.maxLength + 1)]),
  ];
}

function beyond({ minimum, maximum }: Schema): number[] {
  return [...(minimum === undefined ? [] : [minimum - 1]), ...(maximum === undefined ? [] : [maximum + 1])];
}

/** The places where a value differs from the schema. A field that the schema doesn't name is a difference. */
export function mismatches(schema: Schema, value: unknown, at = 'body'): string[] {
  if (value === null) return schema.nullable ? [] : [`${at} is null`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum.join(', ')}`];
  switch (schema.type) {
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) => mismatches(schema.items ?? {}, item, `${at}.${String(index)}`))
        : [`${at} is no array`];
    case 'object':
      return typeof value === 'object' ? objectMismatches(schema, value, at) : [`${at} is no object`];
    case 'integer':
      return Number.isInteger(value) ? [] : [`${at} is no whole number`];
    case 'string':
      return typeof value === 'string' && fitsFormat(schema.format, value)
        ? []
        : [`${at} is no ${schema.format ?? 'string'}`];
    case undefined:
    default:
      return typeof value === schema.type ? [] : [`${at} is no ${String(schema.type)}`];
  }
}

function objectMismatches(
  { properties = {}, required = [], additionalProperties }: Schema,
  value: object,
  at: string,
): string[] {
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, part]) => {
    const schema = properties[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    return schema ? mismatches(schema, part, `${at}.${name}`) : [`${at}.${name} is not documented`];
  });
  return [...missing, ...wrong];
}

function fitsFormat(format: string | undefined, value: string): boolean {
  if (format === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
  if (format === 'date-time') return new Date(value).toISOString() === value;
  return true;
}
