import type { Schema } from './openapi.js';

/** A value that fills so many bytes of a JSON body, or nearly. */
export type Shape = (bytes: number) => unknown;

const filled = (unit: string, { before = '', after = '' } = {}): ((bytes: number) => string) => {
  const [size, around] = [jsonSize(unit) - 2, jsonSize(before + after)];
  return (bytes) => before + unit.repeat(Math.max(1, Math.floor((bytes - around) / size))) + after;
};

function jsonSize(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** Texts that a check, a pattern or a normalisation may take long for. */
export const TEXTS: Readonly<Record<string, (bytes: number) => string>> = {
  letters: filled('a'),
  digits: filled('9'),
  'negative digits, nearly': filled('9', { before: '-', after: 'x' }),
  'combining marks': filled('\u0301'),
  'combining marks out of order': filled('\u0301\u0323\u0307\u0345', { before: 'a' }),
  'parts of one character': filled('\u1100\u1161\u11a8'),
  'blanks inside': filled(' ', { before: 'a', after: 'a' }),
  'blanks before a control character': filled(' ', { after: '\u0000' }),
  'invisible characters': filled('\u200b', { before: 'a', after: 'a' }),
  'variation selectors': filled('a\ufe0f'),
  'surrogate pairs': filled('\u{1F600}'),
  'a capital that grows': filled('\u0130'),
  'an address, nearly': filled('a.', { before: '"', after: '@' }),
  'domains, nearly': filled('a-.', { before: 'a@' }),
  'a link, nearly': filled('a.', { before: 'https://', after: ' ' }),
  'a link with many parts': filled('/?#:@', { before: 'https://a' }),
  'a script, nearly': filled('\t', { after: 'javascript' }),
  'a UUID, nearly': filled('00000000-0000-4000-8000-00000000000'),
  escapes: filled('\\'),
};

const listOf =
  (text: string, item: (index: number) => unknown = () => JSON.parse(text)): Shape =>
  (bytes) =>
    Array.from({ length: Math.max(1, Math.floor(bytes / (text.length + 1))) }, (_, index) => item(index));

/** Lists with very many elements. */
export const LISTS: Readonly<Record<string, Shape>> = {
  'empty texts': listOf('""'),
  'the same text': listOf('"a@b.example"'),
  'different texts': listOf('"000000"', (index) => index.toString(36).padStart(6, '0')),
  numbers: listOf('1'),
  lists: listOf('[]'),
  objects: listOf('{"a":1}'),
};

/** Objects with very many fields, or very long names. */
export const OBJECTS: Readonly<Record<string, Shape>> = {
  fields: (bytes) =>
    Object.fromEntries(
      Array.from({ length: Math.max(1, Math.floor(bytes / 11)) }, (_, index) => [
        `k${index.toString(36).padStart(5, '0')}`,
        1,
      ]),
    ),
  'a long name': (bytes) => ({ ['k'.repeat(Math.max(1, bytes - 6))]: 1 }),
};

const pick = <Value>(from: Readonly<Record<string, Value>>, ...names: string[]): Record<string, Value> =>
  Object.fromEntries(
    names.map((name) => {
      const value = from[name];
      if (value === undefined) throw new Error(`there is no shape ${name}`);
      return [name, value];
    }),
  );

/** Those that took longest where nothing kept them short: for bodies that take their time to send. */
const WORST_TEXTS = pick(
  TEXTS,
  'digits',
  'combining marks',
  'combining marks out of order',
  'blanks inside',
  'surrogate pairs',
  'an address, nearly',
  'domains, nearly',
);

/** For a field that is checked like another one: enough to see that it is. */
export const A_FEW: Readonly<Record<string, Shape>> = {
  ...pick<Shape>(TEXTS, 'combining marks'),
  ...pick(LISTS, 'the same text'),
  ...pick(OBJECTS, 'fields'),
};

/** Every bad shape for a field of this schema; of words and what is no text only its kind and size are looked at. */
export function shapesFor(schema: Schema, { large }: { large: boolean }): Record<string, Shape> {
  if (schema.enum ?? !['string', 'array'].includes(schema.type ?? ''))
    return { ...pick<Shape>(TEXTS, 'letters', 'digits'), ...LISTS, ...OBJECTS };
  const texts = large ? WORST_TEXTS : TEXTS;
  if (schema.type === 'string') return { ...texts, ...LISTS, ...OBJECTS };
  return {
    ...Object.fromEntries(
      Object.entries(texts).map(([name, text]): [string, Shape] => [
        `a list with ${name}`,
        (bytes) => [text(bytes - 2)],
      ]),
    ),
    ...LISTS,
    ...OBJECTS,
  };
}

/** Bodies that fill so many bytes and have nothing to do with any field. */
export const BODIES: Readonly<Record<string, (bytes: number) => string>> = {
  ...Object.fromEntries(
    Object.entries(OBJECTS).map(([name, shape]) => [name, (bytes: number) => JSON.stringify(shape(bytes - 2))]),
  ),
  ...Object.fromEntries(
    Object.entries(LISTS).map(([name, shape]) => [
      `${name} nobody asked for`,
      (bytes: number) => JSON.stringify({ unheardOf: shape(bytes - 16) }),
    ]),
  ),
  'the same field again and again': (bytes) => `{${'"a":1,'.repeat(Math.floor((bytes - 8) / 6))}"a":1}`,
  'one in the other': (bytes) =>
    `{"a":${'['.repeat(Math.floor((bytes - 8) / 2))}${']'.repeat(Math.floor((bytes - 8) / 2))}}`,
  'one object in the other': (bytes) =>
    `${'{"a":'.repeat(Math.floor((bytes - 2) / 6))}1${'}'.repeat(Math.floor((bytes - 2) / 6))}`,
  'cut short': (bytes) => `{"a":"${'a'.repeat(bytes - 7)}`,
  'no JSON': (bytes) => '['.repeat(bytes),
  'names of prototypes': (bytes) => `{${'"__proto_":1,'.repeat(Math.floor((bytes - 12) / 13))}"a":1}`,
};
