import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { MAX_BODY_BYTES, MAX_BODY_EXTENSION } from '../shared/http/sizes/body-limits.js';
import { ApiDocument } from '../modules/portal/api-reference/api-document.js';
import { PublicUrl } from '../shared/http/links/origin.js';
import { ProblemCatalogue } from '../shared/problems/problem-catalogue.js';
import type { ProblemCode } from '../shared/problems/problem-codes.js';
import { PUBLISHED_CODES } from './problems.js';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['post']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

const EVENT_POSITION_HEADER = {
  description:
    'Position of the last event that this call or an earlier attempt at it stored. If the call changed nothing, the position of the last change to what it names. ' +
    'Absent if the call stored nothing and the caller may not see that, for example when nobody was invited. Opaque; send it as `Min-Event-Position`.',
  schema: { type: 'string' },
} as const;

/** Builds the OpenAPI document of the HTTP interface. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const options = new DocumentBuilder()
    .setTitle('Rolecall')
    .setDescription(
      'Invitations and roles in organisations that run care programmes. Errors are RFC 9457 problem documents with a stable `code`.',
    )
    .setVersion('1')
    .addServer(app.get(PublicUrl).base)
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .build();
  const document = tidied(SwaggerModule.createDocument(app, options, { operationIdFactory }));
  addBodyExamples(document);
  return withProblems(document, app.get(ProblemCatalogue));
}

/** `OrganisationsController`, `list` → `organisationsList`. */
function operationIdFactory(controller: string, method: string): string {
  const context = controller.replace(/Controller$/, '');
  return `${context.charAt(0).toLowerCase()}${context.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}

/**
 * Corrects what Nest gets wrong. A body without a required field is optional.
 * A route at two addresses is two operations.
 */
function tidied(document: OpenAPIObject): OpenAPIObject {
  for (const [path, { get, post, put, patch, delete: remove }] of Object.entries(document.paths)) {
    for (const write of [post, put, patch, remove]) if (write) describePosition(write);
    for (const operation of [get, post, put, patch, remove]) {
      if (!operation) continue;
      if (!path.startsWith('/v1/')) operation.operationId = `${operation.operationId ?? ''}Unversioned`;
      addForm(operation);
      const { requestBody } = operation;
      const schema =
        requestBody && 'content' in requestBody ? requestBody.content['application/json']?.schema : undefined;
      const named =
        schema && '$ref' in schema ? document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] : schema;
      // The usual limit applies to every JSON body whose route declares no larger one.
      if (schema) (operation as { [MAX_BODY_EXTENSION]?: number })[MAX_BODY_EXTENSION] ??= MAX_BODY_BYTES;
      if (requestBody && 'content' in requestBody && named && 'properties' in named)
        requestBody.required = (named.required ?? []).length > 0;
    }
  }
  return document;
}

/** Adds the form that an operation takes besides its body. */
function addForm(operation: OperationObject): void {
  const extensions = operation as { 'x-form'?: Schema };
  const { 'x-form': schema } = extensions;
  const { requestBody } = operation;
  if (schema && requestBody && 'content' in requestBody) requestBody.content['multipart/form-data'] = { schema };
  delete extensions['x-form'];
}

/** Adds to each operation with a JSON body an example of that body, made of the examples of its fields. */
function addBodyExamples(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  for (const { post, put, patch, delete: remove } of Object.values(document.paths)) {
    for (const { requestBody } of [post, put, patch, remove].filter((operation) => operation !== undefined)) {
      const content = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
      if (content?.schema) content.example = exampleOf(content.schema, schemas);
    }
  }
}

/** The schema's own example, or its fields' examples, required fields first. Undefined: none of them has an example. */
function exampleOf(schema: Schema, schemas: Schemas): unknown {
  if ('$ref' in schema) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.example !== undefined) return schema.example;
  const [named] = schema.allOf ?? [];
  if (named) return exampleOf(named, schemas);
  const { properties = {}, required = [] } = schema;
  const examples = Object.entries(properties)
    .map(([name, field]) => [name, exampleOf(field, schemas)] as const)
    .filter(([, example]) => example !== undefined)
    .sort(([one], [other]) => Number(required.includes(other)) - Number(required.includes(one)));
  return examples.length > 0 ? Object.fromEntries(examples) : undefined;
}

/** Adds the list of codes, and to each operation the responses with its own codes. */
function withProblems(document: OpenAPIObject, problems: ProblemCatalogue): OpenAPIObject {
  const schema = document.components?.schemas?.['Problem'];
  const code = schema && 'properties' in schema ? schema.properties['code'] : undefined;
  if (code && 'enum' in code) code.enum = [...new Set([...PUBLISHED_CODES, ...problems.codes])];
  for (const { get, post, put, patch, delete: remove } of Object.values(document.paths)) {
    for (const operation of [get, post, put, patch, remove]) {
      if (!operation) continue;
      const extensions = operation as Partial<Record<'x-problem-codes', readonly ProblemCode[]>>;
      Object.assign(operation.responses, problemResponses(extensions['x-problem-codes'] ?? [], problems));
      delete extensions['x-problem-codes'];
    }
  }
  return document;
}

/** One response for each status. */
function problemResponses(codes: readonly ProblemCode[], problems: ProblemCatalogue): OperationObject['responses'] {
  const byStatus = Map.groupBy(codes, (code) => problems.statusOf(code));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${problems.titleOf(code)}`).join('; '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: getSchemaPath('Problem') },
                { type: 'object', properties: { code: { type: 'string', enum: some } } },
              ],
            },
          },
        },
      },
    ]),
  );
}

/** Describes the `Event-Position` header of the responses that may carry it. */
function describePosition(write: OperationObject): void {
  const extensions = write as Partial<Record<'x-silent' | 'x-stores-nothing', true>>;
  if (extensions['x-silent'] || extensions['x-stores-nothing']) return;
  for (const [status, response] of Object.entries(write.responses)) {
    if (status.startsWith('2') && response && 'description' in response)
      response.headers = { 'Event-Position': EVENT_POSITION_HEADER };
  }
}

/** Serves `/openapi.json` and `/openapi.yaml`, and gives the pages of `/docs` their document. */
export function serveOpenApi(app: INestApplication): void {
  const document = app.get(ApiDocument);
  document.madeBy(() => openApiDocument(app));
  SwaggerModule.setup('docs', app, () => document.get(), {
    ui: false,
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}
