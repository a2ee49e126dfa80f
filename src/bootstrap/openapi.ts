import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { MAX_BODY_BYTES, MAX_BODY_EXTENSION } from '../shared/http/sizes/body-limits.js';
import { PublicUrl } from '../shared/http/links/public-url.js';
import { ProblemCatalogue } from '../shared/problems/problem-catalogue.js';
import type { ProblemCode } from '../shared/problems/problem-codes.js';
import { PUBLISHED_CODES } from './problems.js';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['post']>;

const EVENT_POSITION_HEADER = {
  description:
    'Of the last event that this call stored, or that an earlier attempt at it stored; where everything was as the call wants it, of the last change to that. ' +
    "Absent where nothing was stored and that is not the caller's to see, for example when nobody was invited. Opaque; for `Min-Event-Position`.",
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
  return withProblems(
    tidied(SwaggerModule.createDocument(app, options, { operationIdFactory })),
    app.get(ProblemCatalogue),
  );
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

/** Serves `/openapi.json`, and `/docs` for people. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}
