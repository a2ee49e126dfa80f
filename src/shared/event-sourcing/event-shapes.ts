import type { StoredEvent } from './event-store.js';
import { categoryOf } from './stream-id.js';

/** Whether a value of an event's data is of the kind that its type says. */
export type Check = (value: unknown) => boolean;

/** A check for each field. Fields that a newer version added are let pass. */
export type Shape<Data = Record<string, unknown>> = { readonly [Field in keyof Required<Data>]: Check };

/** What the data of each type holds, checked as far as what is decided on it needs. */
export type Shapes<Facts> = { readonly [Type in keyof Facts]: Shape<Facts[Type]> };

/** Of an installation: what each type says, and what the grant of an invitation holds besides, by the stream's category. */
export interface EventShapes {
  types: Readonly<Record<string, Shape>>;
  grants: Readonly<Record<string, Shape>>;
}

export const NO_SHAPES: EventShapes = { types: {}, grants: {} };

/** Of the events that this version stores. Higher ones are newer versions' to read. */
export const SCHEMA_VERSION = 1;

export const text: Check = (value) => typeof value === 'string';
export const number: Check = (value) => typeof value === 'number';
export const flag: Check = (value) => typeof value === 'boolean';
export const object: Check = (value) => isObject(value);
export const texts: Check = (value) => Array.isArray(value) && value.every(text);

/** The field may be absent, and nothing else. */
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
export const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
export const oneOf =
  (texts: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && texts.includes(value);
export const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && fits(value, shape);

/** Of each field, where only what changed is said. */
export function partial<Field extends string>(shape: Readonly<Record<Field, Check>>): Record<Field, Check> {
  return Object.fromEntries(Object.entries<Check>(shape).map(([field, check]) => [field, optional(check)])) as Record<
    Field,
    Check
  >;
}

/** A text under a key of the person, as `Sealed`. */
export const sealed = fields({ sealed: text, personId: text });
export const scopeRef = fields({ kind: text, id: text });

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an event says what its type says; also of a type, or of a version of it, that isn't known. */
export function saysWhatItsTypeSays(
  { types, grants }: EventShapes,
  { type, stream, data, metadata }: StoredEvent,
): boolean {
  const shape = Object.hasOwn(types, type) ? types[type] : undefined;
  if (!shape || metadata.schemaVersion !== SCHEMA_VERSION) return true;
  if (!fits(data, shape)) return false;
  const category = categoryOf(stream);
  const grant = Object.hasOwn(shape, 'grant') && Object.hasOwn(grants, category) ? grants[category] : undefined;
  return !grant || fits(data['grant'] as object, grant);
}

function fits(data: object, shape: Shape): boolean {
  return Object.entries(shape).every(([field, check]) => check((data as Record<string, unknown>)[field]));
}
