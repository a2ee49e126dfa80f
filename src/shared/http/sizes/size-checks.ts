import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';

/** A character is one or two units long, with a variation selector three. Not yet normalised, it may be in several parts. */
const UNITS_PER_CHARACTER = 4;

/** Whether it is a text that may have `max` characters, seen by its length alone: what comes after it may take its time for each of them. */
export function isMeasured(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= UNITS_PER_CHARACTER * max;
}

/** A field's first check: the others don't look at what is far too long. Says the same as the exact one. */
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

/** No element twice, in linear time; class-validator's own check takes quadratic. */
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
