import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * A character has one or two units, three with a variation selector. Before normalisation it may consist of several
 * characters.
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
 * The first check of a field, which keeps far too long text from the others. Its message equals that of the exact
 * check.
 */
export function measured(max: number, options?: ValidationOptions): PropertyDecorator {
  const message = buildMessage(
    (each) => `${each}$property must be shorter than or equal to ${String(max)} characters`,
    options,
  );
  return ValidateBy(
    { name: 'isMeasured', validator: { validate: (value) => isMeasured(value, max), defaultMessage: message } },
    options,
  );
}

/** Refuses repeated elements in linear time, because class-validator's own check takes quadratic time. */
export function eachOnce(): PropertyDecorator {
  const message = buildMessage((each) => `${each}All $property's elements must be unique`);
  return ValidateBy({
    name: 'eachOnce',
    validator: {
      validate: (value) => Array.isArray(value) && new Set(value).size === value.length,
      defaultMessage: message,
    },
  });
}
