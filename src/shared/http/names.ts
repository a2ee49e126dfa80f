import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { holdsLink, isVisible } from '../text/names.js';
import { FIELD_MESSAGES } from './field-messages.js';
import { TextField, type FieldOptions } from './fields.js';

const DEFAULT_MAX = 200;

/** The name of a person, place, role or thing: one visible line of 1 to `max` characters without a link. */
export function NameField(options: FieldOptions & { max?: number }): PropertyDecorator {
  const { max = DEFAULT_MAX } = options;
  // Skips longer names, because the length check refuses them and folding them would take long.
  const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= max;
  return applyDecorators(
    TextField({ ...options, max }),
    ValidateBy(
      { name: 'isVisible', validator: { validate: (value) => !isShort(value) || isVisible(value) } },
      { message: FIELD_MESSAGES.visible },
    ),
    ValidateBy(
      { name: 'holdsNoLink', validator: { validate: (value) => !isShort(value) || !holdsLink(value) } },
      { message: FIELD_MESSAGES.noLink },
    ),
  );
}
