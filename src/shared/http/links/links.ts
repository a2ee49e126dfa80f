import { applyDecorators } from '@nestjs/common';
import { Matches, MaxLength, ValidateBy } from 'class-validator';
import { field, TextField, ONE_LINE, type FieldOptions } from '../fields.js';

const MAX_LENGTH = 2000;
/** The host follows two slashes, and no user's name stands before it. What a browser reads as a slash counts as one. */
const HOST_FIRST = /^[a-z]+:\/\/[^\s\\@/?#]+(?:[/?#]|$)/i;
/** A browser would run or open what begins so. */
const SCHEME_OR_HOST = /^[^/?#]*:|^[/\\]{2}/;

/** Whether a text is an address of these protocols (`https:`) that names a host and no user. */
export function isWebAddress(text: string, protocols: readonly string[]): boolean {
  return (
    text.length <= MAX_LENGTH &&
    HOST_FIRST.test(text) &&
    URL.canParse(text) &&
    protocols.includes(new URL(text).protocol)
  );
}

/** A page that people are sent to: an https address. */
export function SecureLink(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    field(
      options,
      { type: String, format: 'uri', maxLength: MAX_LENGTH },
      MaxLength(MAX_LENGTH),
      Matches(ONE_LINE, { message: '$property must be one line of text' }),
    ),
    checkedBy((value) => isWebAddress(value, ['https:']), '$property must be an https address without user name'),
  );
}

/** An http or https address, or a reference that somebody's store understands: it has no scheme and names no host. */
export function Reference(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    TextField({ ...options, max: MAX_LENGTH }),
    checkedBy(
      (value) => isWebAddress(value, ['http:', 'https:']) || !SCHEME_OR_HOST.test(value),
      '$property must be an http or https address without user name, or a reference',
    ),
  );
}

function checkedBy(isGood: (value: string) => boolean, message: string): PropertyDecorator {
  return ValidateBy({
    name: 'isLink',
    validator: { validate: (value) => typeof value === 'string' && isGood(value), defaultMessage: () => message },
  });
}
