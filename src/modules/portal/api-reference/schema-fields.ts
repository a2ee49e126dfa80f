import type { OpenAPIObject } from '@nestjs/swagger';

export type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
export type Schema = Schemas[string];
type Inline = Exclude<Schema, { $ref: string }>;

/** One field of a body, or one parameter. */
export interface FieldView {
  /** `targets.patients`; `items[].id` for what each item of a list holds. */
  name: string;
  /** `text`, `list of UUID`. */
  type: string;
  required: boolean;
  /** `1 to 200 characters`, `may be null`. */
  limits: string[];
  /** The values to choose from; empty: any. */
  choices: string[];
  description: string | null;
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  'date-time': 'time in UTC',
  uri: 'address',
  password: 'text',
};
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
};
const NUMBERS = new Intl.NumberFormat('en-GB');

/** Every field of an object, those of inner objects too, in the document's order. */
export function fieldsOf(schema: Schema, schemas: Schemas, prefix = ''): FieldView[] {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    return [fieldOf(path, field, required.includes(name), schemas), ...innerFields(path, field, schemas)];
  });
}

/** One field or parameter without those inside. */
export function fieldOf(name: string, schema: Schema, required: boolean, schemas: Schemas): FieldView {
  const own = resolved(schema, schemas);
  const { enum: choices = resolved(own.items ?? {}, schemas).enum ?? [] } = own;
  return {
    name,
    type: typeOf(own, schemas),
    required,
    limits: limitsOf(own),
    choices: choices.map(String),
    description: own.description ?? null,
  };
}

function innerFields(path: string, field: Schema, schemas: Schemas): FieldView[] {
  const { items } = resolved(field, schemas);
  return items ? fieldsOf(items, schemas, `${path}[].`) : fieldsOf(field, schemas, `${path}.`);
}

/** The schema with what it refers to. What it says itself wins. */
function resolved(schema: Schema, schemas: Schemas): Inline {
  if ('$ref' in schema) return resolved(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  const { allOf = [], ...own } = schema;
  return Object.assign({}, ...allOf.map((part) => resolved(part, schemas)), own) as Inline;
}

function typeOf(schema: Inline, schemas: Schemas): string {
  if (schema.type === 'array') return `list of ${typeOf(resolved(schema.items ?? {}, schemas), schemas)}`;
  return FORMATS[schema.format ?? ''] ?? TYPES[String(schema.type)] ?? 'any value';
}

function limitsOf(schema: Inline): string[] {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, uniqueItems, nullable } = schema;
  return [
    rangeOf(minLength, maxLength, ' characters'),
    rangeOf(minimum, maximum, ''),
    rangeOf(minItems, maxItems, ' items'),
    uniqueItems === true ? 'each once' : null,
    nullable === true ? 'may be null' : null,
  ].filter((limit) => limit !== null);
}

function rangeOf(min: number | undefined, max: number | undefined, unit: string): string | null {
  if (max !== undefined)
    return `${min === undefined ? 'at most' : `${NUMBERS.format(min)} to`} ${NUMBERS.format(max)}${unit}`;
  return min === undefined ? null : `at least ${NUMBERS.format(min)}${unit}`;
}
