import { ValidateBy, type ValidationOptions } from 'class-validator';
import { FIELD_MESSAGES } from '../field-messages.js';

/**
 * A character has one or two UTF-16 units, or three with a variation selector. Before normalisation it may consist of
 * several characters.
 */
const UNITS_PER_CHARACTER = 4;

/**
 * Tells by its length alone whether a text may have `max` characters. Later checks may then take time for each
 * character.
 */
export function isMeasured(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= UNITS_PER_CHARACTER * max;
}

/**
 * The first check of a field, which keeps far too long text from the others.
 * @param options the options of the exact check
 */
export function measured(max: number, options: ValidationOptions): PropertyDecorator {
  return ValidateBy({ name: 'isMeasured', validator: { validate: (value) => isMeasured(value, max) } }, options);
}

/** Refuses repeated elements in linear time, because class-validator's own check takes quadratic time. */
export function eachOnce(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'eachOnce',
      validator: { validate: (value) => Array.isArray(value) && new Set(value).size === value.length },
    },
    { message: FIELD_MESSAGES.eachOnce },
  );
}
