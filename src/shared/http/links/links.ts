import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, MaxLength, ValidateBy } from 'class-validator';
import { FIELD_MESSAGES } from '../field-messages.js';
import { field, TextField, ONE_LINE, type FieldOptions } from '../fields.js';

const MAX_LENGTH = 2000;
/**
 * The host follows two slashes, without a user name before it. A backslash counts as a slash, because browsers read it
 * as one.
 */
const HOST_FIRST = /^[a-z]+:\/\/[^\s\\@/?#]+(?:[/?#]|$)/i;
/** A browser would run or open an address that begins like this. */
const SCHEME_OR_HOST = /^[^/?#]*:|^[/\\]{2}/;

/** Tells whether a text is an address of one of these protocols (`https:`) with a host and without a user. */
export function isWebAddress(text: string, protocols: readonly string[]): boolean {
  return (
    text.length <= MAX_LENGTH &&
    HOST_FIRST.test(text) &&
    URL.canParse(text) &&
    protocols.includes(new URL(text).protocol)
  );
}

/** An https address that the product sends people to. */
export function SecureLink(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    field(
      options,
      { type: String, format: 'uri', maxLength: MAX_LENGTH },
      IsString({ message: FIELD_MESSAGES.text }),
      MaxLength(MAX_LENGTH, { message: FIELD_MESSAGES.characters(1, MAX_LENGTH) }),
      Matches(ONE_LINE, { message: FIELD_MESSAGES.oneLine }),
    ),
    checkedBy((value) => isWebAddress(value, ['https:']), FIELD_MESSAGES.httpsAddress),
  );
}

/** An http or https address, or a reference into a customer's own store, which has no scheme and names no host. */
export function Reference(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    TextField({ ...options, max: MAX_LENGTH }),
    checkedBy(
      (value) => isWebAddress(value, ['http:', 'https:']) || !SCHEME_OR_HOST.test(value),
      FIELD_MESSAGES.reference,
    ),
  );
}

function checkedBy(isGood: (value: string) => boolean, message: string): PropertyDecorator {
  return ValidateBy(
    { name: 'isLink', validator: { validate: (value) => typeof value === 'string' && isGood(value) } },
    { message },
  );
}
