import { ParseUUIDPipe, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { RuleBroken, type FieldError } from '../problems/problem-codes.js';

/** Checks bodies and queries against their DTO; what a DTO doesn't know is an error too. Every bad field is named. */
export function validationPipe(): ValidationPipe {
  return new ObjectValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    // A field's first check is its size: the others needn't look at what is too large.
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new RuleBroken('invalid-input', { errors: errors.flatMap((error) => fieldErrors(error, '')) }),
  });
}

/** Of a list or a scalar class-validator would find nothing to complain about where every field may be left out. */
class ObjectValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isObject = value === undefined || (typeof value === 'object' && !Array.isArray(value));
    if (metadata.type === 'body' && !isObject)
      throw new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the body must be an object' }] });
    return super.transform(value, metadata);
  }

  /** JSON, addresses and forms hold none. */
  protected override findNestedBinaryValues(): ValidationError[] {
    return [];
  }
}

class UuidPipe extends ParseUUIDPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<string> {
    try {
      await super.transform(value, metadata);
      // Their spelling is free, the streams' names are not.
      return value.toLowerCase();
    } catch {
      throw new RuleBroken('invalid-input', { errors: [{ field: metadata.data ?? '', message: 'must be a UUID' }] });
    }
  }
}

/** An id in a path. @throws RuleBroken `invalid-input`, naming the parameter */
export const uuidPipe = new UuidPipe();

/** class-validator begins with the field's name, in lists of texts in the middle; the field is named beside it. */
function asSentence(message: string, property: string): string {
  return message
    .replace(`each value in ${property} `, 'each ')
    .replace(`All ${property}'s elements`, 'all')
    .replace(`${property} `, '');
}

/** Of a check that names one as its context. */
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
