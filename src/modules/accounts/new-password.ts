import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { dictionary } from '@zxcvbn-ts/language-common';
import { PasswordField, type FieldOptions } from '../../shared/http/fields.js';
import type { FieldError } from '../../shared/problems/problem-codes.js';
import { normaliseEmail, type EmailAddress } from '../../shared/mail/email-address.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './authentication.js';

/** The reasons that refuse a password, by stable code. Each text follows the field's name. */
const REASONS = {
  'password-not-text': 'must not contain half of a surrogate pair',
  'password-blank': 'must not be only blanks',
  'password-too-common': 'is too common and easy to guess: choose another',
  'password-is-address': 'must not be your e-mail address or the part before the @',
} as const;
export type PasswordFault = keyof typeof REASONS;

/** The common passwords of zxcvbn-ts's list, in lower case, without those below the minimum length. */
const COMMON: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].filter((password) => password.length >= MIN_PASSWORD_LENGTH),
);

/** Attackers try passwords of so few different characters early, and the list has only some of them. */
const FEW_CHARACTERS = 2;
const DIGITS = '01234567890123456789';
const DIGITS_BACK = '98765432109876543210';

function isCommon(password: string): boolean {
  const compared = password.trim().toLowerCase();
  return (
    COMMON.has(compared) ||
    new Set(compared).size <= FEW_CHARACTERS ||
    DIGITS.includes(compared) ||
    DIGITS_BACK.includes(compared)
  );
}

/** For each fault, whether a password has it. */
const HAS: Readonly<Record<Exclude<PasswordFault, 'password-is-address'>, (password: string) => boolean>> = {
  'password-not-text': (password) => !password.isWellFormed(),
  'password-blank': (password) => !/[^\s\p{Default_Ignorable_Code_Point}]/u.test(password),
  'password-too-common': isCommon,
};

/**
 * The password's fault; null when it has none. Doesn't check the length.
 * @param email the address of its account
 */
export function faultOf(password: string, email: EmailAddress): PasswordFault | null {
  const known = (Object.keys(HAS) as (keyof typeof HAS)[]).find((fault) => HAS[fault](password));
  return known ?? (isOwnAddress(password, email) ? 'password-is-address' : null);
}

/** The fault as an entry of `errors` in a problem document. */
export function passwordError(fault: PasswordFault): FieldError {
  return { field: 'password', message: REASONS[fault], code: fault };
}

/** A field for a password that a person chooses. Checks its length, and all rules that don't depend on the account. */
export function NewPassword(options: FieldOptions): PropertyDecorator {
  const checks = (Object.keys(HAS) as (keyof typeof HAS)[]).map((fault) =>
    ValidateBy(
      {
        name: fault,
        validator: {
          validate: (value: unknown) =>
            typeof value !== 'string' || value.length > MAX_PASSWORD_LENGTH || !HAS[fault](value),
        },
      },
      { message: REASONS[fault], context: { code: fault } },
    ),
  );
  return applyDecorators(
    PasswordField({ example: 'nine quiet otters', ...options, min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH }),
    ...checks,
  );
}

function isOwnAddress(password: string, email: EmailAddress): boolean {
  const typed = password.trim().normalize('NFC').toLowerCase().normalize('NFC');
  return normaliseEmail(password) === email || typed === email || typed === email.slice(0, email.lastIndexOf('@'));
}
