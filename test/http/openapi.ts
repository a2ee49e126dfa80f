import type { Response } from 'supertest';

/** A schema of the OpenAPI document, with every `$ref` and `allOf` replaced by its schema. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  nullable?: boolean;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  additionalProperties?: Schema | boolean;
  example?: unknown;
}

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required: boolean;
  schema: Schema;
}

/** One route of the document. */
export interface Operation {
  /** `POST /v1/organisations/{id}/archive`. */
  id: string;
  operationId: string;
  method: string;
  path: string;
  summary: string;
  /** The route needs no sign-in. */
  open: boolean;
  isWrite: boolean;
  permission: string | null;
  scope: string | null;
  whileArchived: boolean;
  storesNothing: boolean;
  /** The route answers without `Event-Position`. */
  silent: boolean;
  /** The route honours `Idempotency-Key`. */
  idempotent: boolean;
  parameters: Parameter[];
  /** The route takes a form with a file instead of JSON. */
  takesFile: boolean;
  /** The route takes a form with a file, in place of or besides JSON. */
  takesForm: boolean;
  /** The route takes any body as a file. */
  takesContent: boolean;
  /** The documented limit of a JSON body, or null when there is none. */
  maxBodyBytes: number | null;
  /** The schema of the JSON body, or null when there is none. */
  body: { schema: Schema; required: boolean } | null;
  /** All documented 2xx answers. */
  successes: { status: number; schema: Schema | null }[];
  /** The documented codes by status. */
  codes: ReadonlyMap<number, readonly string[]>;
}

type Json = Record<string, Response['body']>;

/** Every operation of an OpenAPI document. */
export function readOperations(document: Json): Operation[] {
  const schemas = document.components.schemas as Json;
  return Object.entries(document.paths as Record<string, Json>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      readOperation(method.toUpperCase(), path, operation as Json, schemas),
    ),
  );
}

function readOperation(method: string, path: string, operation: Json, schemas: Json): Operation {
  const responses = Object.entries(operation.responses as Record<string, Json>).map(([status, response]) => ({
    status: Number(status),
    response,
  }));
  const bodySchema: Json | undefined = operation.requestBody?.content['application/json']?.schema;
  const contents = Object.keys(operation.requestBody?.content ?? {});
  return {
    id: `${method} ${path}`,
    operationId: operation.operationId,
    method,
    path,
    summary: operation.summary ?? '',
    open: operation.security === undefined,
    isWrite: method !== 'GET',
    permission: operation['x-permission'] ?? null,
    scope: operation['x-scope'] ?? null,
    whileArchived: operation['x-while-archived'] === true,
    storesNothing: operation['x-stores-nothing'] === true,
    silent: operation['x-silent'] === true,
    idempotent: (operation.parameters ?? []).some((parameter: Json) => parameter.name === 'Idempotency-Key'),
    parameters: (operation.parameters ?? []).map((parameter: Json) => ({
      ...parameter,
      required: parameter.required ?? false,
      schema: inPlace(parameter.schema, schemas),
    })),
    takesFile: contents.includes('multipart/form-data') && contents.length === 1,
    takesForm: contents.includes('multipart/form-data'),
    takesContent: contents.includes('application/octet-stream'),
    maxBodyBytes: operation['x-max-body-bytes'] ?? null,
    body: bodySchema
      ? { schema: inPlace(bodySchema, schemas), required: operation.requestBody.required ?? false }
      : null,
    successes: responses
      .filter(({ status }) => status < 300)
      .map(({ status, response }) => ({
        status,
        schema: response.content
          ? inPlace(Object.values(response.content as Record<string, Json>)[0]!.schema, schemas)
          : null,
      })),
    codes: new Map(
      responses.filter(({ status }) => status >= 400).map(({ status, response }) => [status, codesIn(response)]),
    ),
  };
}

function codesIn(response: Json): string[] {
  const schema: Json | undefined = response.content?.['application/problem+json']?.schema;
  return (
    (schema?.allOf as Json[] | undefined)?.flatMap(
      (part) => (part.properties?.code?.enum as string[] | undefined) ?? [],
    ) ?? []
  );
}

function inPlace(schema: Json, schemas: Json): Schema {
  const { $ref, allOf, properties, items, additionalProperties, ...rest } = schema as {
    $ref?: string;
    allOf?: Json[];
    properties?: Json;
    items?: Json;
    additionalProperties?: Json | boolean;
  };
  if ($ref) return inPlace(schemas[$ref.replace('#/components/schemas/', '')], schemas);
  return {
    ...Object.assign({}, ...(allOf ?? []).map((part) => inPlace(part, schemas))),
    ...rest,
    ...(properties
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, inPlace(property, schemas)]),
          ),
        }
      : {}),
    ...(items ? { items: inPlace(items, schemas) } : {}),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: inPlace(additionalProperties, schemas) }
      : {}),
  };
}
