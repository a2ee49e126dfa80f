import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
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
  ValidateIf,
  ValidateNested,
} from 'class-validator';
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
 * No control characters but tab and line breaks, and no half of a surrogate pair. Some can't be stored, and others
 * deceive readers.
 */
const PRINTABLE = /^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u;
/** One line that isn't blank. No character in it changes the reading direction. */
export const ONE_LINE = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]*$/u;

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
  return applyDecorators(ApiProperty(document as ApiPropertyOptions), ValidateIf(absent), ...checks);
}

/**
 * Trims and normalises the text. Far too long text stays as it is and is refused, because normalising takes quadratic
 * time.
 */
const asName =
  (max: number) =>
  ({ value }: TransformFnParams): unknown =>
    isMeasured(value, max) ? value.trim().normalize('NFC') : (value as unknown);

/** One line of 1 to `max` characters. For the name of something use `NameField`. */
export function TextField(options: FieldOptions & { max?: number }): PropertyDecorator {
  const max = options.max ?? 200;
  return field(
    options,
    { type: String, minLength: 1, maxLength: max },
    Transform(asName(max)),
    IsString(),
    measured(max),
    Length(1, max),
    Matches(ONE_LINE, { message: '$property must be one line of text' }),
  );
}

/** Text of several lines, up to `max` characters. `filled`: it must not be blank. */
export function MultilineField(options: FieldOptions & { max: number; filled?: boolean }): PropertyDecorator {
  const { max, filled = false } = options;
  const something = filled ? [Matches(/\S/, { message: '$property must not be empty' })] : [];
  const schema: ApiPropertyOptions = { type: String, maxLength: max, ...(filled ? { minLength: 1 } : {}) };
  return field(
    options,
    schema,
    IsString(),
    measured(max),
    MaxLength(max),
    Matches(PRINTABLE, { message: '$property must not hold control characters' }),
    ...something,
  );
}

/** A password: any text of the given length. */
export function PasswordField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return field(
    options,
    { type: String, format: 'password', minLength: min, maxLength: max },
    IsString(),
    measured(max),
    Length(min, max),
  );
}

/** One of a few words. */
export function EnumField(options: FieldOptions & { of: readonly string[] }): PropertyDecorator {
  return field(options, { type: String, enum: [...options.of] }, IsIn(options.of));
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
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(options.of.length),
    eachOnce(),
    IsIn(options.of, { each: true }),
  );
}

/** No number in the API needs more digits. */
const MAX_DIGITS = 20;
/** Query strings hold text. Text that is no number stays as it is and is refused. */
const digitsToNumber = ({ value }: TransformFnParams): unknown =>
  typeof value === 'string' && value.length <= MAX_DIGITS && /^-?\d+$/.test(value) ? Number(value) : (value as unknown);

/** A whole number, in a query string too. */
export function IntegerField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    Transform(digitsToNumber),
    IsInt(),
    Min(min),
    Max(max),
  );
}

export function BooleanField(options: FieldOptions): PropertyDecorator {
  return field(options, { type: Boolean }, IsBoolean());
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
    IsArray(),
    ArrayMinSize(minItems),
    IsString({ each: true }),
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
  const eachOneLine = Matches(ONE_LINE, { each: true, message: 'each value in $property must be one line of text' });
  return field(
    options,
    schema,
    IsArray(),
    ArrayMaxSize(maxItems),
    eachOnce(),
    IsString({ each: true }),
    measured(maxLength, { each: true }),
    MaxLength(maxLength, { each: true }),
    eachOneLine,
  );
}

const MAX_KEY = 64;

/** Ids mean the same in any case, and stream names use small letters. */
const lowered = (value: unknown): unknown => (isMeasured(value, MAX_KEY) ? value.toLowerCase() : value);
const toLowerCase = ({ value }: TransformFnParams): unknown =>
  Array.isArray(value) ? value.map(lowered) : lowered(value);

/** A built-in role's key or a custom role's id, turned to small letters. */
export function RoleKeyField(options: FieldOptions): PropertyDecorator {
  return applyDecorators(Transform(toLowerCase), TextField({ ...options, max: MAX_KEY }));
}

export function IdField(options: FieldOptions): PropertyDecorator {
  return field(options, { type: String, format: 'uuid' }, Transform(toLowerCase), IsUUID('loose'));
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
  return field(options, schema, Transform(toLowerCase), IsArray(), IsUUID('loose', { each: true }));
}

/** An object that its own class checks. */
export function NestedField(options: FieldOptions & { of: ClassConstructor<object> }): PropertyDecorator {
  return field(
    options,
    { type: options.of },
    IsObject(),
    ValidateNested(),
    Type(() => options.of),
  );
}
