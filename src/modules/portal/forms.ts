import type { ClassConstructor } from 'class-transformer';
import { validationPipe } from '../../shared/http/validation.js';
import type { PasswordFault } from '../accounts/accounts.contract.js';
import { RuleBroken, type FieldError } from '../../shared/problems/problem-codes.js';
import type { TextKey } from './texts/texts.en.js';

/** An invalid field, and the key of the text that says why. */
export interface BadField {
  field: string;
  text: TextKey;
  /** Values that the text may name. */
  values?: object;
}

const pipe = validationPipe();

/** The fields of a form as they were typed; a missing one is empty, and so is one that isn't text. */
export function typed<Name extends string>(body: unknown, ...names: readonly Name[]): Record<Name, string> {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return Object.fromEntries(
    names.map((name) => [name, typeof fields[name] === 'string' ? fields[name] : '']),
  ) as Record<Name, string>;
}

/** Whether the form was confirmed a second time, because mail scanners press the first button they see. */
export function isConfirmed(body: unknown): boolean {
  return typed(body, 'confirmed').confirmed === 'yes';
}

/** Checks fields by the API's own rules. @returns the invalid ones, each once, in the DTO's order */
export async function badFields(
  dto: ClassConstructor<object>,
  fields: object,
): Promise<Pick<FieldError, 'field' | 'code'>[]> {
  try {
    await pipe.transform(fields, { type: 'body', metatype: dto });
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

/** Why a password can't be chosen; without a code its length is wrong. */
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
