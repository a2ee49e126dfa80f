import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { FIELD_MESSAGES } from './field-messages.js';
import { isTime } from './lists/pagination.js';
import { eachOnce, isMeasured, measured } from './sizes/size-checks.js';
import { Transform, Type, type ClassConstructor, type TransformFnParams } from 'class-transformer';

/** Describes a field once, for the check of the input and for the OpenAPI document. */
export interface FieldOptions {
  description: string;
  example?: unknown;
  /** True: the field may be left out. */
  optional?: boolean;
  /** True: the field may be null. */
  nullable?: boolean;
}

/**
 * Text without control characters, except tab and line breaks, and without halves of surrogate pairs. Some of those
 * can't be stored, and others deceive readers.
 */
const PRINTABLE = /^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u;
/** One line that isn't blank. No character in it changes the reading direction. */
export const ONE_LINE = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]*$/u;

const says = (message: string): ValidationOptions => ({ message });
const eachSays = (message: string): ValidationOptions => ({ each: true, message: FIELD_MESSAGES.each(message) });

/** Builds a field from checks and from a schema that documents them. */
export function field(
  options: FieldOptions,
  schema: ApiPropertyOptions,
  ...checks: PropertyDecorator[]
): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = options;
  const absent = (_: object, value: unknown): boolean =>
    !(optional && value === undefined) && !(nullable && value === null);
  const document = {
    ...schema,
    description,
    required: !optional,
    nullable,
    ...(example === undefined ? {} : { example }),
  };
  const present = optional ? [] : [IsDefined(says(FIELD_MESSAGES.required))];
  return applyDecorators(ApiProperty(document as ApiPropertyOptions), ValidateIf(absent), ...present, ...checks);
}

/**
 * Trims and normalises the text. Leaves far too long text unchanged for the length check to refuse, because normalising
 * takes quadratic time.
 */
const asName =
  (max: number) =>
  ({ value }: TransformFnParams): unknown =>
    isMeasured(value, max) ? value.trim().normalize('NFC') : (value as unknown);

/** One line of 1 to `max` characters. Use `NameField` for names. */
export function TextField(options: FieldOptions & { max?: number }): PropertyDecorator {
  const max = options.max ?? 200;
  const length = says(FIELD_MESSAGES.characters(1, max));
  return field(
    options,
    { type: String, minLength: 1, maxLength: max },
    Transform(asName(max)),
    IsString(says(FIELD_MESSAGES.text)),
    measured(max, length),
    Length(1, max, length),
    Matches(ONE_LINE, says(FIELD_MESSAGES.oneLine)),
  );
}

/** Text of several lines, up to `max` characters. `filled`: it must not be blank. */
export function MultilineField(options: FieldOptions & { max: number; filled?: boolean }): PropertyDecorator {
  const { max, filled = false } = options;
  const length = says(FIELD_MESSAGES.characters(0, max));
  const something = filled ? [Matches(/\S/, says(FIELD_MESSAGES.filled))] : [];
  const schema: ApiPropertyOptions = { type: String, maxLength: max, ...(filled ? { minLength: 1 } : {}) };
  return field(
    options,
    schema,
    IsString(says(FIELD_MESSAGES.text)),
    measured(max, length),
    MaxLength(max, length),
    Matches(PRINTABLE, says(FIELD_MESSAGES.noControlCharacters)),
    ...something,
  );
}

/** A password: any text of the given length. */
export function PasswordField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  const length = says(FIELD_MESSAGES.characters(min, max));
  return field(
    options,
    { type: String, format: 'password', minLength: min, maxLength: max },
    IsString(says(FIELD_MESSAGES.text)),
    measured(max, length),
    Length(min, max, length),
  );
}

/** One of a few words. */
export function EnumField(options: FieldOptions & { of: readonly string[] }): PropertyDecorator {
  return field(
    options,
    { type: String, enum: [...options.of] },
    IsIn(options.of, says(FIELD_MESSAGES.oneOf(options.of))),
  );
}

/** A list of at least one of a few words, without repetition. */
export function EnumListField(options: FieldOptions & { of: readonly string[] }): PropertyDecorator {
  const schema: ApiPropertyOptions = {
    type: 'array',
    items: { type: 'string', enum: [...options.of] },
    minItems: 1,
    maxItems: options.of.length,
    uniqueItems: true,
  };
  return field(
    options,
    schema,
    IsArray(says(FIELD_MESSAGES.list)),
    ArrayMinSize(1, says(FIELD_MESSAGES.atLeast(1))),
    ArrayMaxSize(options.of.length, says(FIELD_MESSAGES.atMost(options.of.length))),
    eachOnce(),
    IsIn(options.of, eachSays(FIELD_MESSAGES.oneOf(options.of))),
  );
}

/** No number in the API needs more digits. */
const MAX_DIGITS = 20;
/** Converts digits, because query strings hold text. Leaves other text unchanged for the next check to refuse. */
const digitsToNumber = ({ value }: TransformFnParams): unknown =>
  typeof value === 'string' && value.length <= MAX_DIGITS && /^-?\d+$/.test(value) ? Number(value) : (value as unknown);

/** A whole number, in a query string too. */
export function IntegerField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  const number = says(FIELD_MESSAGES.wholeNumber(min, max));
  return field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    Transform(digitsToNumber),
    IsInt(number),
    Min(min, number),
    Max(max, number),
  );
}

export function BooleanField(options: FieldOptions): PropertyDecorator {
  return field(options, { type: Boolean }, IsBoolean(says(FIELD_MESSAGES.boolean)));
}

/**
 * A list of any texts, not empty unless `minItems` is 0.
 * `maxItems` is only documented here, because the use case refuses longer lists with its own code.
 */
export function TextsField(options: FieldOptions & { minItems?: 0; maxItems: number }): PropertyDecorator {
  const { minItems = 1, maxItems } = options;
  return field(
    options,
    { type: 'array', items: { type: 'string' }, minItems, maxItems },
    IsArray(says(FIELD_MESSAGES.list)),
    ArrayMinSize(minItems, says(FIELD_MESSAGES.atLeast(minItems))),
    IsString(eachSays(FIELD_MESSAGES.text)),
  );
}

/** A list of names without repetition; it may be empty. */
export function TextListField(options: FieldOptions & { maxItems: number; maxLength: number }): PropertyDecorator {
  const { maxItems, maxLength } = options;
  const schema: ApiPropertyOptions = {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength },
    maxItems,
    uniqueItems: true,
  };
  const length = eachSays(FIELD_MESSAGES.characters(1, maxLength));
  return field(
    options,
    schema,
    IsArray(says(FIELD_MESSAGES.list)),
    ArrayMaxSize(maxItems, says(FIELD_MESSAGES.atMost(maxItems))),
    eachOnce(),
    IsString(eachSays(FIELD_MESSAGES.text)),
    measured(maxLength, length),
    MaxLength(maxLength, length),
    Matches(ONE_LINE, eachSays(FIELD_MESSAGES.oneLine)),
  );
}

const MAX_KEY = 64;

/** Turns ids to small letters, because they mean the same in any case and stream names use small letters. */
const lowered = (value: unknown): unknown => (isMeasured(value, MAX_KEY) ? value.toLowerCase() : value);
const toLowerCase = ({ value }: TransformFnParams): unknown =>
  Array.isArray(value) ? value.map(lowered) : lowered(value);

/** A built-in role's key or a custom role's id, turned to small letters. */
export function RoleKeyField(options: FieldOptions): PropertyDecorator {
  return applyDecorators(Transform(toLowerCase), TextField({ ...options, max: MAX_KEY }));
}

export function IdField(options: FieldOptions): PropertyDecorator {
  return field(
    options,
    { type: String, format: 'uuid' },
    Transform(toLowerCase),
    IsUUID('loose', says(FIELD_MESSAGES.uuid)),
  );
}

/** A time in ISO 8601 with its zone, as answers give it. */
export function TimeField(options: FieldOptions): PropertyDecorator {
  const isOne = { validate: (value: unknown) => typeof value === 'string' && isTime(value) };
  return field(
    options,
    { type: String, format: 'date-time' },
    ValidateBy({ name: 'isTime', validator: isOne }, says(FIELD_MESSAGES.time)),
  );
}

/** One value or several of a list in a query, where a parameter may be repeated. */
export function RepeatableEnumField(
  options: FieldOptions & { of: readonly string[]; maxItems: number },
): PropertyDecorator {
  const { of, maxItems } = options;
  return field(
    options,
    { type: 'array', items: { type: 'string', enum: [...of] }, maxItems },
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' ? [value] : (value as unknown))),
    IsArray(says(FIELD_MESSAGES.list)),
    ArrayMaxSize(maxItems, says(FIELD_MESSAGES.atMost(maxItems))),
    IsIn(of, eachSays(FIELD_MESSAGES.oneOf(of))),
  );
}

/**
 * A list of ids, which may be empty. `maxItems` is only documented here, because the use case refuses longer lists with
 * its own code.
 */
export function IdListField(options: FieldOptions & { maxItems: number }): PropertyDecorator {
  const schema: ApiPropertyOptions = {
    type: 'array',
    items: { type: 'string', format: 'uuid' },
    maxItems: options.maxItems,
  };
  return field(
    options,
    schema,
    Transform(toLowerCase),
    IsArray(says(FIELD_MESSAGES.list)),
    IsUUID('loose', eachSays(FIELD_MESSAGES.uuid)),
  );
}

/** An object that its own class checks. */
export function NestedField(options: FieldOptions & { of: ClassConstructor<object> }): PropertyDecorator {
  return field(
    options,
    { type: options.of },
    IsObject(says(FIELD_MESSAGES.object)),
    ValidateNested(says(FIELD_MESSAGES.object)),
    Type(() => options.of),
  );
}
