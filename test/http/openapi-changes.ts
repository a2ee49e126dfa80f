type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** Texts for people, and names within the document. Callers don't depend on them. */
const TEXTS = new Set(['summary', 'description', 'title', 'example', 'operationId', 'tags']);
/** Lists whose order has no meaning. */
const SETS = new Set(['required', 'enum']);
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/**
 * The document without its texts, as the fixture keeps it. @param named the keys are names of the interface, for
 * example a field "title"
 */
export function withoutTexts(value: Json, named = false): Json {
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => named || !TEXTS.has(key))
      .map(([key, inner]) => [key, withoutTexts(inner, !named && key === 'properties')]),
  );
}

/**
 * What a later document removed or changed, and what it requires in addition. New routes, optional input and further
 * fields of answers don't count.
 */
export function changes(before: JsonObject, now: JsonObject): string[] {
  const [operationsBefore, operationsNow] = [operationsIn(before), operationsIn(now)];
  return [...operationsBefore].flatMap(([id, operation]) => {
    const later = operationsNow.get(id);
    return later ? operationChanges(operation, later).map((change) => `${id}: ${change}`) : [`${id}: removed`];
  });
}

function operationsIn(document: JsonObject): Map<string, JsonObject> {
  const schemas = object(object(document['components'])['schemas']);
  return new Map(
    Object.entries(object(document['paths'])).flatMap(([path, methods]) =>
      METHODS.filter((method) => method in object(methods)).map((method): [string, JsonObject] => [
        `${method.toUpperCase()} ${path}`,
        object(inPlace(withoutTexts(object(methods)[method]!), schemas)),
      ]),
    ),
  );
}

function operationChanges(before: JsonObject, now: JsonObject): string[] {
  const { parameters: asked, requestBody: body, responses, ...rest } = before;
  const { parameters: askedNow, requestBody: bodyNow, responses: responsesNow, ...restNow } = now;
  return [
    ...fieldChanges(byName(asked), byName(askedNow), 'parameter', true),
    ...partChanges(body ?? null, bodyNow ?? null, 'body', true),
    ...mapChanges(object(responses), object(responsesNow), 'status', (answer, answerNow, where) => {
      const { headers: sent, ...content } = object(answer);
      const { headers: sentNow, ...contentNow } = object(answerNow);
      return [
        ...fieldChanges(object(sent ?? {}), object(sentNow ?? {}), `${where} header`, false),
        ...partChanges(content, contentNow, where, false),
      ];
    }),
    ...partChanges(withoutStoresNothing(rest, restNow), restNow, 'operation', true),
  ];
}

/** A call that begins to store events takes nothing away: its answer has a further header. */
function withoutStoresNothing({ 'x-stores-nothing': storesNothing, ...rest }: JsonObject, now: JsonObject): JsonObject {
  return storesNothing === undefined || now['x-stores-nothing'] === undefined
    ? rest
    : { ...rest, 'x-stores-nothing': storesNothing };
}

function byName(parameters: Json | undefined): JsonObject {
  const list = (parameters ?? []) as { in: string; name: string }[];
  return Object.fromEntries(list.map((one) => [`${one.in} ${one.name}`, one]));
}

/** Compares parts other than fields, which must have the same keys and values. */
function partChanges(before: Json, now: Json, where: string, isAsked: boolean): string[] {
  if (!isObject(before) || !isObject(now))
    return JSON.stringify(before) === JSON.stringify(now)
      ? []
      : [`${where} was ${JSON.stringify(before)}, is ${JSON.stringify(now)}`];
  const { properties: fields, required, ...rest } = before;
  const { properties: fieldsNow, required: requiredNow, ...restNow } = now;
  if (!isObject(fields ?? null) || !isObject(fieldsNow ?? null))
    return mapChanges(before, now, where, (a, b, at) => partChanges(a, b, at, isAsked));
  return [
    ...fieldChanges(
      withRequired(object(fields), required),
      withRequired(object(fieldsNow), requiredNow),
      `${where} field`,
      isAsked,
    ),
    ...mapChanges(rest, restNow, where, (a, b, at) => partChanges(a, b, at, isAsked)),
  ];
}

function withRequired(fields: JsonObject, required: Json | undefined): JsonObject {
  const names = (required ?? []) as string[];
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, { schema, required: names.includes(name) }]),
  );
}

/** Compares named things. The later document may add some, and a required one only in answers. */
function fieldChanges(before: JsonObject, now: JsonObject, where: string, isAsked: boolean): string[] {
  const demanded = Object.keys(now).filter(
    (name) => !(name in before) && isAsked && object(now[name])['required'] === true,
  );
  return [
    ...Object.entries(before).flatMap(([name, field]) =>
      name in now ? partChanges(field, now[name]!, `${where} ${name}`, isAsked) : [`${where} ${name} removed`],
    ),
    ...demanded.map((name) => `${where} ${name} demanded`),
  ];
}

function mapChanges(
  before: JsonObject,
  now: JsonObject,
  where: string,
  compare: (before: Json, now: Json, where: string) => string[],
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    if (!(key in now)) return [`${where} ${key} removed`];
    return key in before ? compare(before[key]!, now[key]!, `${where} ${key}`) : [`${where} ${key} added`];
  });
}

/** Replaces every `$ref` and `allOf` by its schema. */
function inPlace(value: Json, schemas: JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => inPlace(item, schemas));
  if (!isObject(value)) return value;
  const { $ref, allOf, properties, ...own } = value;
  const referred = typeof $ref === 'string' ? [withoutTexts(schemas[$ref.replace('#/components/schemas/', '')]!)] : [];
  const parts = [...referred, ...((allOf ?? []) as Json[])].map((part) => object(inPlace(part, schemas)));
  const inner = mapValues(own, (one, key) =>
    SETS.has(key) && Array.isArray(one) ? [...one].sort() : inPlace(one, schemas),
  );
  const fields = mapValues(object(properties), (field) => inPlace(field, schemas));
  return [...parts, properties === undefined ? inner : { ...inner, properties: fields }].reduce(merged, {});
}

function mapValues(value: JsonObject, change: (inner: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
}

/** Merges two parts of one schema, with the fields and the required fields of both. */
function merged(one: JsonObject, other: JsonObject): JsonObject {
  const fields = { ...object(one['properties'] ?? {}), ...object(other['properties'] ?? {}) };
  const required = [...demandedBy(one), ...demandedBy(other)].sort();
  return {
    ...one,
    ...other,
    ...(Object.keys(fields).length > 0 ? { properties: fields } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** The required fields of a schema. A parameter has `required: true` instead, which names none. */
function demandedBy({ required }: JsonObject): string[] {
  return Array.isArray(required) ? (required as string[]) : [];
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: Json | undefined): JsonObject {
  return (value ?? {}) as JsonObject;
}
