import type { ArgumentMetadata } from '@nestjs/common';
import { RuleBroken } from '../problems/problem-codes.js';
import {
  BooleanField,
  EnumField,
  EnumListField,
  IdField,
  IdListField,
  IntegerField,
  MultilineField,
  NestedField,
  PasswordField,
  RoleKeyField,
  TextField,
  TextListField,
  TextsField,
} from './fields.js';
import { Reference, SecureLink } from './links/links.js';
import { NameField } from './names.js';
import { validationPipe } from './validation.js';

const described = { description: 'A field' };
const optional = { ...described, optional: true };

class Inner {
  @IntegerField({ ...described, min: 0, max: 9 })
  count: number;
}

/** A field of each kind. */
class EveryKind {
  @TextField({ ...described, max: 5 })
  text: string;
  @TextField({ ...optional, max: 5 })
  optional?: string;
  @NameField({ ...optional, max: 20 })
  name?: string;
  @MultilineField({ ...optional, max: 5, filled: true })
  lines?: string;
  @PasswordField({ ...optional, min: 2, max: 5 })
  password?: string;
  @EnumField({ ...optional, of: ['red', 'blue'] })
  word?: string;
  @EnumListField({ ...optional, of: ['red', 'blue'] })
  words?: string[];
  @IntegerField({ ...optional, min: 1, max: 200 })
  number?: number;
  @BooleanField(optional)
  boolean?: boolean;
  @TextsField({ ...optional, maxItems: 2 })
  texts?: string[];
  @TextListField({ ...optional, maxItems: 2, maxLength: 5 })
  names?: string[];
  @RoleKeyField(optional)
  role?: string;
  @IdField(optional)
  id?: string;
  @IdListField({ ...optional, maxItems: 2 })
  ids?: string[];
  @NestedField({ ...optional, of: Inner })
  inner?: Inner;
  @SecureLink(optional)
  link?: string;
  @Reference(optional)
  reference?: string;
}

async function errorsOf(body: unknown): Promise<string[]> {
  const metadata: ArgumentMetadata = { type: 'body', metatype: EveryKind };
  try {
    await validationPipe().transform(body, metadata);
    return [];
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error;
    return (error.details.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  }
}

describe('the message about a bad field', () => {
  const good = { text: 'some' };
  const FAR_TOO_LONG = 'x'.repeat(1000);

  it.each<[message: string, ...bad: object[]]>([
    ['text is required', { text: undefined }, { text: null }],
    ['unexpected is unknown', { unexpected: 1 }],
    ['text must be text', { text: 5 }],
    ['text must have 1 to 5 characters', { text: '' }, { text: 'x'.repeat(6) }, { text: FAR_TOO_LONG }],
    ['text must be one line of text', { text: 'a\nb' }],
    ['optional must be text', { optional: null }],
    ['name must have a visible character', { name: '\u200b' }],
    ['name must not contain :// or www.', { name: 'www.example.org' }],
    ['lines must have at most 5 characters', { lines: 'x'.repeat(6) }, { lines: FAR_TOO_LONG }],
    ['lines must not contain control characters', { lines: 'a\0b' }],
    ['lines must not be blank', { lines: ' ' }],
    ['password must be text', { password: 12 }],
    ['password must have 2 to 5 characters', { password: 'x' }, { password: FAR_TOO_LONG }],
    ['word must be one of: red, blue', { word: 'green' }, { word: 5 }],
    ['words must be a list', { words: 'red' }],
    ['words must have at least 1 item', { words: [] }],
    ['words must have at most 2 items', { words: ['red', 'blue', 'red'] }],
    ['words must not repeat an item', { words: ['red', 'red'] }],
    ['words each item must be one of: red, blue', { words: ['green'] }],
    [
      'number must be a whole number from 1 to 200',
      { number: 'many' },
      { number: 1.5 },
      { number: 0 },
      { number: 201 },
    ],
    ['boolean must be true or false', { boolean: 'yes' }],
    ['texts must be a list', { texts: 'one' }],
    ['texts must have at least 1 item', { texts: [] }],
    ['texts each item must be text', { texts: [1] }],
    ['names must be a list', { names: {} }],
    ['names must have at most 2 items', { names: ['a', 'b', 'c'] }],
    ['names must not repeat an item', { names: ['a', 'a'] }],
    ['names each item must be text', { names: [1] }],
    ['names each item must have 1 to 5 characters', { names: ['x'.repeat(6)] }, { names: [FAR_TOO_LONG] }],
    ['names each item must be one line of text', { names: ['a\nb'] }],
    ['role must have 1 to 64 characters', { role: 'x'.repeat(65) }],
    ['id must be a UUID', { id: 'one' }],
    ['ids must be a list', { ids: 'one' }],
    ['ids each item must be a UUID', { ids: ['one'] }],
    ['inner must be an object', { inner: 5 }, { inner: [] }],
    ['inner.count is required', { inner: {} }],
    ['inner.count must be a whole number from 0 to 9', { inner: { count: 10 } }],
    ['inner.other is unknown', { inner: { count: 1, other: 2 } }],
    ['link must be text', { link: 5 }],
    ['link must have 1 to 2000 characters', { link: `https://example.org/${'x'.repeat(2000)}` }],
    ['link must be one line of text', { link: 'https://example.org/\n' }],
    ['link must be an https address without a user name', { link: 'http://example.org' }],
    [
      'reference must be an http or https address without a user name, or a reference',
      { reference: 'javascript:alert(1)' },
    ],
  ])('is "%s"', async (message, ...bad) => {
    for (const fields of bad) expect(await errorsOf({ ...good, ...fields })).toEqual([message]);
  });

  it('is absent if the field is valid', async () => {
    expect(await errorsOf(good)).toEqual([]);
  });

  it('names the body if that is a list', async () => {
    expect(await errorsOf([])).toEqual([' the body must be an object']);
  });
});
