import { mustBeDistinct } from '../registration/registration-failed.js';
import type { StoredEvent } from './event-store.js';
import { StreamId } from './stream-id.js';

/** Checks whether a value in an event's data has the kind that the event type demands. */
export type Check = (value: unknown) => boolean;

/** A check for each field. Fields that a newer version added pass. */
export type Shape<Data = Record<string, unknown>> = { readonly [Field in keyof Required<Data>]: Check };

/** The fields of each event type, checked as far as decisions need them. */
export type Shapes<DomainEvents> = { readonly [Type in keyof DomainEvents]: Shape<DomainEvents[Type]> };

/** A module's declaration of the streams that it stores events in. */
export interface DeclaredStreams {
  /** `order` for `order-<uuid>`. Null: the types are on streams of other categories, or on one that nobody follows. */
  category: string | null;
  types: Readonly<Record<string, Shape>>;
  /** Further fields of an event's `grant` in this category. */
  grant?: Shape;
}

/** An installation's followed categories, its event types, and the fields of a grant by the stream's category. */
export interface EventShapes {
  categories: readonly string[];
  types: Readonly<Record<string, Shape>>;
  grants: Readonly<Record<string, Shape>>;
}

export const NO_SHAPES: EventShapes = { categories: [], types: {}, grants: {} };

/**
 * Merges what all modules declare.
 * @throws RegistrationFailed for a category or a type that is declared twice
 */
export function shapesOf(declared: readonly DeclaredStreams[]): EventShapes {
  const categories = declared.flatMap(({ category }) => category ?? []);
  const types = declared.flatMap((streams) => Object.entries(streams.types));
  const grants = declared.flatMap(({ category, grant }) =>
    category !== null && grant ? [[category, grant] as const] : [],
  );
  mustBeDistinct('stream category', categories);
  mustBeDistinct(
    'event type',
    types.map(([type]) => type),
  );
  return { categories, types: Object.fromEntries(types), grants: Object.fromEntries(grants) };
}

/** The version of events that this product stores. Only newer products can read higher versions. */
export const SCHEMA_VERSION = 1;

export const text: Check = (value) => typeof value === 'string';
export const number: Check = (value) => typeof value === 'number';
export const flag: Check = (value) => typeof value === 'boolean';
export const object: Check = (value) => isObject(value);
export const texts: Check = (value) => Array.isArray(value) && value.every(text);

/** Accepts an absent field too. */
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

/** Makes each field optional, for events that carry only what changed. */
export function partial<Field extends string>(shape: Readonly<Record<Field, Check>>): Record<Field, Check> {
  return Object.fromEntries(Object.entries<Check>(shape).map(([field, check]) => [field, optional(check)])) as Record<
    Field,
    Check
  >;
}

/** A text sealed under a person's key, as `Sealed`. */
export const sealed = fields({ sealed: text, personId: text });
export const scopeRef = fields({ kind: text, id: text });

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether an event has the fields of its type. Unknown types and versions pass. */
export function saysWhatItsTypeSays(
  { types, grants }: Pick<EventShapes, 'types' | 'grants'>,
  { type, stream, data, metadata }: StoredEvent,
): boolean {
  const shape = Object.hasOwn(types, type) ? types[type] : undefined;
  if (!shape || metadata.schemaVersion !== SCHEMA_VERSION) return true;
  if (!fits(data, shape)) return false;
  const category = StreamId.parse(stream).category;
  const grant = Object.hasOwn(shape, 'grant') && Object.hasOwn(grants, category) ? grants[category] : undefined;
  return !grant || fits(data['grant'] as object, grant);
}

function fits(data: object, shape: Shape): boolean {
  return Object.entries(shape).every(([field, check]) => check((data as Record<string, unknown>)[field]));
}
