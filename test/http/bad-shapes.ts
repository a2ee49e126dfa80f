import type { Schema } from './openapi.js';

/**
 * JSON that fills about so many bytes of a body. It is made as text, because making large values and writing them as JSON
 * takes longer than all refusals.
 */
export type Shape = (bytes: number) => string;

const filled = (unit: string, { before = '', after = '' } = {}): ((bytes: number) => string) => {
  const [size, around] = [jsonSize(unit) - 2, jsonSize(before + after)];
  return (bytes) => before + unit.repeat(Math.max(1, Math.floor((bytes - around) / size))) + after;
};

function jsonSize(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** Texts for which a check, a pattern or a normalisation may take long. */
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

const quoted =
  (text: (bytes: number) => string): Shape =>
  (bytes) =>
    JSON.stringify(text(bytes));

/** Texts of numbered elements with commas. All elements are equally long, so that a shorter text begins a longer one. */
function numbered(element: (number: string) => string): (bytes: number) => string {
  const DIGITS = 5;
  const elementSize = element('0'.repeat(DIGITS)).length + 1;
  let longest = '';
  return (bytes) => {
    const [count, made] = [Math.max(1, Math.floor(bytes / elementSize)), longest.length / elementSize];
    for (let index = made; index < count; index += 1)
      longest += `${element(index.toString(36).padStart(DIGITS, '0'))},`;
    return longest.slice(0, count * elementSize - 1);
  };
}

const NUMBERED_TEXTS = numbered((number) => `"0${number}"`);
const NUMBERED_FIELDS = numbered((number) => `"k${number}":1`);

const listOf =
  (element: string): Shape =>
  (bytes) => {
    const count = Math.max(1, Math.floor(bytes / (element.length + 1)));
    return `[${`${element},`.repeat(count - 1)}${element}]`;
  };

/** Lists with very many elements. */
export const LISTS: Readonly<Record<string, Shape>> = {
  'empty texts': listOf('""'),
  'the same text': listOf('"a@b.example"'),
  'different texts': (bytes) => `[${NUMBERED_TEXTS(bytes)}]`,
  numbers: listOf('1'),
  lists: listOf('[]'),
  objects: listOf('{"a":1}'),
};

/** Objects with very many fields, or very long names. */
export const OBJECTS: Readonly<Record<string, Shape>> = {
  fields: (bytes) => `{${NUMBERED_FIELDS(bytes)}}`,
  'a long name': (bytes) => `{"${'k'.repeat(Math.max(1, bytes - 6))}":1}`,
};

const pick = <Value>(from: Readonly<Record<string, Value>>, ...names: string[]): Record<string, Value> =>
  Object.fromEntries(
    names.map((name) => {
      const value = from[name];
      if (value === undefined) throw new Error(`there is no shape ${name}`);
      return [name, value];
    }),
  );

/**
 * The texts that took longest when nothing limited them. Large bodies use these alone, because they take long to send.
 */
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

/** Shapes for a field that is checked like another field: enough to show that it is checked. */
export const A_FEW: Readonly<Record<string, Shape>> = {
  'combining marks': quoted(TEXTS['combining marks']!),
  ...pick(LISTS, 'the same text'),
  ...pick(OBJECTS, 'fields'),
};

function inJson(texts: Readonly<Record<string, (bytes: number) => string>>): Record<string, Shape> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, quoted(text)]));
}

/**
 * Every bad shape for a field of this schema. For enums, and types other than text and list, only kind and size matter.
 */
export function shapesFor(schema: Schema, { large }: { large: boolean }): Record<string, Shape> {
  if (schema.enum ?? !['string', 'array'].includes(schema.type ?? ''))
    return { ...inJson(pick(TEXTS, 'letters', 'digits')), ...LISTS, ...OBJECTS };
  const texts = inJson(large ? WORST_TEXTS : TEXTS);
  if (schema.type === 'string') return { ...texts, ...LISTS, ...OBJECTS };
  return {
    ...Object.fromEntries(
      Object.entries(texts).map(([name, text]): [string, Shape] => [
        `a list with ${name}`,
        (bytes) => `[${text(bytes - 2)}]`,
      ]),
    ),
    ...LISTS,
    ...OBJECTS,
  };
}

/** Bodies that fill about so many bytes, without the fields of any schema. */
export const BODIES: Readonly<Record<string, (bytes: number) => string>> = {
  ...Object.fromEntries(Object.entries(OBJECTS).map(([name, shape]) => [name, (bytes: number) => shape(bytes - 2)])),
  ...Object.fromEntries(
    Object.entries(LISTS).map(([name, shape]) => [
      `${name} in an unknown field`,
      (bytes: number) => `{"unheardOf":${shape(bytes - 16)}}`,
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
