import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsObject, IsString, IsUUID, Length, Matches, Max, MaxLength, Min, ValidateIf,
  ValidateNested,
} from 'class-validator';
import { Transform, Type, type ClassConstructor, type TransformFnParams } from 'class-transformer';

/** Says once what a field must be: checked on the way in, and written into the OpenAPI document. */
export interface FieldOptions {
  description: string;
  example?: unknown;
  /** May be left out. */
  optional?: boolean;
  /** May be null. */
  nullable?: boolean;
}

/** No control characters but tab and line breaks, and no half of a surrogate pair: some can't be stored, the others deceive readers. */
const PRINTABLE = /^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u;
/** One line, and not only blanks; nothing in it turns the reading direction round. */
export const ONE_LINE = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]*$/u;

/** What every kind of field is made of: the document says what the checks do. */
export function field(options: FieldOptions, schema: ApiPropertyOptions, ...checks: PropertyDecorator[]): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = options;
  const absent = (_: object, value: unknown): boolean => !(optional && value === undefined) && !(nullable && value === null);
  const document = { ...schema, description, required: !optional, nullable, ...(example === undefined ? {} : { example }) };
  return applyDecorators(ApiProperty(document as ApiPropertyOptions), ValidateIf(absent), ...checks);
}

/** However it was typed; blanks around it mean nothing. */
const asName = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim().normalize('NFC') : (value as unknown));

/** One line, 1 to `max` characters. What something is called is a `Name`. */
export function Line(options: FieldOptions & { max?: number }): PropertyDecorator {
  const max = options.max ?? 200;
  return field(options, { type: String, minLength: 1, maxLength: max }, Transform(asName), IsString(), Length(1, max), Matches(ONE_LINE, { message: '$property must be one line of text' }));
}

/** Text of several lines, up to `max` characters; `filled`: at least one, and not only blanks. */
export function Paragraphs(options: FieldOptions & { max: number; filled?: boolean }): PropertyDecorator {
  const { max, filled = false } = options;
  const something = filled ? [Matches(/\S/, { message: '$property must not be empty' })] : [];
  const schema: ApiPropertyOptions = { type: String, maxLength: max, ...(filled ? { minLength: 1 } : {}) };
  return field(options, schema, IsString(), MaxLength(max), Matches(PRINTABLE, { message: '$property must not hold control characters' }), ...something);
}

/** Anything typed into a password field. */
export function Password(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return field(options, { type: String, format: 'password', minLength: min, maxLength: max }, IsString(), Length(min, max));
}

/** One of a few words. */
export function Choice(options: FieldOptions & { of: readonly string[] }): PropertyDecorator {
  return field(options, { type: String, enum: [...options.of] }, IsIn(options.of));
}

/** Some of a few words, at least one, each once. */
export function Choices(options: FieldOptions & { of: readonly string[] }): PropertyDecorator {
  const schema: ApiPropertyOptions = { type: 'array', items: { type: 'string', enum: [...options.of] }, minItems: 1, uniqueItems: true };
  return field(options, schema, IsArray(), ArrayMinSize(1), ArrayUnique(), IsIn(options.of, { each: true }));
}

/** Query strings hold text. What else is no number stays as it is, to be refused. */
const digitsToNumber = ({ value }: TransformFnParams): unknown => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : (value as unknown));

/** A whole number; in a query string too. */
export function WholeNumber(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return field(options, { type: 'integer', minimum: min, maximum: max }, Transform(digitsToNumber), IsInt(), Min(min), Max(max));
}

export function Flag(options: FieldOptions): PropertyDecorator {
  return field(options, { type: Boolean }, IsBoolean());
}

/** Texts of any kind, at least one unless `minItems` is 0. How many and how long at most is the body limit's and the use case's business. */
export function Texts(options: FieldOptions & { minItems?: 0 }): PropertyDecorator {
  const { minItems = 1 } = options;
  return field(options, { type: 'array', items: { type: 'string' }, minItems }, IsArray(), ArrayMinSize(minItems), IsString({ each: true }));
}

/** Names, perhaps none, each once. */
export function Lines(options: FieldOptions & { maxItems: number; maxLength: number }): PropertyDecorator {
  const { maxItems, maxLength } = options;
  const schema: ApiPropertyOptions = { type: 'array', items: { type: 'string', minLength: 1, maxLength }, maxItems, uniqueItems: true };
  const eachOneLine = Matches(ONE_LINE, { each: true, message: 'each value in $property must be one line of text' });
  return field(options, schema, IsArray(), ArrayMaxSize(maxItems), ArrayUnique(), IsString({ each: true }), MaxLength(maxLength, { each: true }), eachOneLine);
}

/** However an id is spelt, it means the same; streams are named in small letters. */
const toLowerCase = ({ value }: TransformFnParams): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => (typeof one === 'string' ? one.toLowerCase() : one));
  return typeof value === 'string' ? value.toLowerCase() : (value as unknown);
};

/** A built-in role's key or a custom role's id: both in small letters, however they are spelt. */
export function RoleKey(options: FieldOptions): PropertyDecorator {
  return applyDecorators(Transform(toLowerCase), Line({ ...options, max: 64 }));
}

/** The id of something. */
export function Id(options: FieldOptions): PropertyDecorator {
  return field(options, { type: String, format: 'uuid' }, Transform(toLowerCase), IsUUID('loose'));
}

/** Ids of things, perhaps none. */
export function Ids(options: FieldOptions): PropertyDecorator {
  const schema: ApiPropertyOptions = { type: 'array', items: { type: 'string', format: 'uuid' } };
  return field(options, schema, Transform(toLowerCase), IsArray(), IsUUID('loose', { each: true }));
}

/** An object of its own, checked by its class. */
export function Nested(options: FieldOptions & { of: ClassConstructor<object> }): PropertyDecorator {
  return field(options, { type: options.of }, IsObject(), ValidateNested(), Type(() => options.of));
}
