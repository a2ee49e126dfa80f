import type { ClassConstructor } from 'class-transformer';
import { validationPipe } from '../../shared/http/validation.js';
import type { PasswordFault } from '../accounts/accounts.contract.js';
import { RuleBroken, type FieldError } from '../../shared/problems/problem-codes.js';
import type { TextKey } from './texts/texts.en.js';

/** An invalid field, and the key of the text that gives the reason. */
export interface BadField {
  field: string;
  text: TextKey;
  /** Values that the text may name. */
  values?: object;
}

const pipe = validationPipe();

/** The fields of a form as the visitor typed them. A field that is missing or no text is empty. */
export function typed<Name extends string>(body: unknown, ...names: readonly Name[]): Record<Name, string> {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return Object.fromEntries(
    names.map((name) => [name, typeof fields[name] === 'string' ? fields[name] : '']),
  ) as Record<Name, string>;
}

/** Fields that no page repeats. */
const SECRET = /password/i;

/** All that was typed into a form, except passwords, for a page that sends it again. */
export function keptFields(body: unknown): { field: string; value: string }[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.keys(body)
    .filter((field) => !SECRET.test(field))
    .flatMap((field) => listed(body, field).map((value) => ({ field, value })));
}

/** The values of boxes that have one name. Browsers send a single ticked one as a text, and none at all. */
export function listed(body: unknown, name: string): string[] {
  const value = (typeof body === 'object' && body !== null ? body : {})[name as never] as unknown;
  return (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');
}

/**
 * Whether the visitor confirmed the form on a second page. Mail scanners press the first button they find, but not the
 * second.
 */
export function isConfirmed(body: unknown): boolean {
  return typed(body, 'confirmed').confirmed === 'yes';
}

/** The number of the terms that the page showed; undefined for anything else. */
export function termsIn(body: unknown): number | undefined {
  const { terms } = typed(body, 'terms');
  return /^\d{1,6}$/.test(terms) ? Number(terms) : undefined;
}

/**
 * The fields as the API's own DTO, with its defaults. Empty fields are left out, because a form sends every field.
 * @throws RuleBroken `invalid-input`
 */
export async function checked<Dto extends object>(dto: ClassConstructor<Dto>, fields: object): Promise<Dto> {
  const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined));
  return (await pipe.transform(filled, { type: 'query', metatype: dto })) as Dto;
}

/** Checks fields by the rules of the API. @returns them as the API reads them @throws RuleBroken `invalid-input` */
export async function mustBeValid<Dto extends object>(dto: ClassConstructor<Dto>, fields: object): Promise<Dto> {
  return (await pipe.transform(fields, { type: 'body', metatype: dto })) as Dto;
}

/** Checks fields by the rules of the API. @returns the invalid ones, each once, in the DTO's order */
export async function badFields(
  dto: ClassConstructor<object>,
  fields: object,
): Promise<Pick<FieldError, 'field' | 'code'>[]> {
  try {
    await mustBeValid(dto, fields);
    return [];
  } catch (error) {
    const bad = badFieldsOf(error);
    if (!bad) throw error;
    return bad;
  }
}

/** The invalid fields that an error names, each once; null for any other error. */
export function badFieldsOf(error: unknown): FieldError[] | null {
  if (!(error instanceof RuleBroken) || error.code !== 'invalid-input') return null;
  return [...new Map((error.details.errors ?? []).map((bad) => [bad.field, bad])).values()];
}

/** The text for the code of a password's fault; without a code, the text for a wrong length. */
export function passwordText(code: string | undefined): TextKey {
  return code === undefined ? 'errors.password' : `errors.${code as PasswordFault}`;
}

/** The field errors of a failed sign-in; null for any other error. @param wrong the text for a wrong password */
export function signInErrors(error: unknown, wrong: TextKey): BadField[] | null {
  if (!(error instanceof RuleBroken)) return null;
  if (error.code === 'sign-in-failed') return [{ field: 'password', text: wrong }];
  if (error.code === 'too-busy') return [{ field: 'password', text: 'errors.tooBusy' }];
  if (error.code !== 'too-many-attempts') return null;
  return [
    {
      field: 'password',
      text: 'errors.tooManyAttempts',
      values: { minutes: Math.ceil((error.details.retryAfter ?? 60) / 60) },
    },
  ];
}

/** A query without its empty fields. */
export function queryOf(fields: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  return new URLSearchParams(pairs.filter(([, value]) => value !== '')).toString();
}
