import { ParseUUIDPipe, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { RuleBroken, type FieldError } from '../problems/problem-codes.js';
import { Upload } from './uploads/upload.js';
import { FIELD_MESSAGES, REQUEST_MESSAGES } from './field-messages.js';

/**
 * Checks bodies and queries against their DTO and refuses fields that the DTO lacks. The problem names every invalid
 * field.
 */
export function validationPipe(): ValidationPipe {
  return new ObjectValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    // A field's first check limits its size, so the others never see a value that is too large.
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new RuleBroken('invalid-input', { errors: errors.flatMap((error) => fieldErrors(error, '')) }),
  });
}

/** Refuses lists and scalars, because class-validator finds no error in them when every field is optional. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Its handler checks the fields of a form as they arrive.
    if (value instanceof Upload) return Promise.resolve(value);
    const isObject = value === undefined || (typeof value === 'object' && !Array.isArray(value));
    if (metadata.type === 'body' && !isObject)
      throw new RuleBroken('invalid-input', { errors: [{ field: '', message: REQUEST_MESSAGES.bodyNotAnObject }] });
    return super.transform(value, metadata);
  }

  /** Finds none, because JSON, addresses and forms hold no binary values. */
  protected override findNestedBinaryValues(): ValidationError[] {
    return [];
  }
}

class UuidPipe extends ParseUUIDPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<string> {
    try {
      await super.transform(value, metadata);
      // Ids may be in any case, and stream names use small letters.
      return value.toLowerCase();
    } catch {
      throw new RuleBroken('invalid-input', { errors: [{ field: metadata.data ?? '', message: FIELD_MESSAGES.uuid }] });
    }
  }
}

/**
 * Checks an id in a path.
 * @throws RuleBroken `invalid-input`, naming the parameter
 */
export const uuidPipe = new UuidPipe();

/** class-validator's name for the check that refuses fields which the DTO lacks. Its message can't be set. */
const UNKNOWN_FIELD = 'whitelistValidation';

/** Returns the code of a check that has one in its context. */
function codeOf({ contexts }: ValidationError, constraint: string): { code?: string } {
  const context = contexts?.[constraint] as { code?: string } | undefined;
  return context?.code === undefined ? {} : { code: context.code };
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    field,
    message: constraint === UNKNOWN_FIELD ? FIELD_MESSAGES.unknown : message,
    ...codeOf(error, constraint),
  }));
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
