import { ParseUUIDPipe, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { RuleBroken, type FieldError } from '../problems/problem-codes.js';

/**
 * Checks bodies and queries against their DTO and refuses fields that it doesn't know. Every invalid field is named.
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

/** For a list or a scalar class-validator finds no error when every field is optional, so this pipe refuses them. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isObject = value === undefined || (typeof value === 'object' && !Array.isArray(value));
    if (metadata.type === 'body' && !isObject)
      throw new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the body must be an object' }] });
    return super.transform(value, metadata);
  }

  /** JSON, addresses and forms hold no binary values. */
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
      throw new RuleBroken('invalid-input', { errors: [{ field: metadata.data ?? '', message: 'must be a UUID' }] });
    }
  }
}

/**
 * Checks an id in a path.
 * @throws RuleBroken `invalid-input`, naming the parameter
 */
export const uuidPipe = new UuidPipe();

/** Removes the field's name from class-validator's message, because the response names the field beside it. */
function asSentence(message: string, property: string): string {
  return message
    .replace(`each value in ${property} `, 'each ')
    .replace(`All ${property}'s elements`, 'all')
    .replace(`${property} `, '');
}

/** Returns the code of a check that has one in its context. */
function codeOf({ contexts }: ValidationError, constraint: string): { code?: string } {
  const context = contexts?.[constraint] as { code?: string } | undefined;
  return context?.code === undefined ? {} : { code: context.code };
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    field,
    message: asSentence(message, error.property),
    ...codeOf(error, constraint),
  }));
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
