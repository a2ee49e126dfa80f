import { ParseUUIDPipe, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { RuleBroken, type FieldError } from '../problems/problem-codes.js';

/** Checks bodies and queries against their DTO; what a DTO doesn't know is an error too. Every bad field is named. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: false,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new RuleBroken('invalid-input', { errors: errors.flatMap((error) => fieldErrors(error, '')) }),
  });
}

/** An id in a path. @throws RuleBroken `invalid-input` */
export const uuidPipe = new ParseUUIDPipe({
  exceptionFactory: () => new RuleBroken('invalid-input', { errors: [{ field: 'id', message: 'must be a UUID' }] }),
});

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message: message.replace(`${error.property} `, '') }));
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
