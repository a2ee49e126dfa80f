import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeOnOneEngine } from '../support/engines.js';
import { withTestServer } from '../support/test-server.js';
import { changes, type JsonObject } from './openapi-changes.js';

/** The document of version 0.1.0, without its texts. It is never made anew, because callers rely on it. */
const BEFORE = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/openapi-before.json'), 'utf8'),
) as JsonObject;

/** They record the session since, so they may meet a conflict. */
const SESSION_ROUTES = [
  'POST /v1/auth/sign-in/email',
  'POST /auth/sign-in/email',
  'POST /v1/auth/sign-out',
  'POST /auth/sign-out',
];
/** Sign-in keeps a code for later, which no account gets yet. */
const SECOND_FACTOR =
  'status 401 content application/problem+json schema field code schema enum was ["sign-in-failed"], is ["second-factor-needed","sign-in-failed"]';

const BY_LINK = 'POST /v1/invitations/{token}/accept';
const BY_ID = 'POST /v1/me/invitations/{id}/accept';
const CODES = 'status 409 content application/problem+json schema field code schema enum';
/** Callers may name the terms that they read. Only such a call meets the code for other terms. */
const ACCEPTANCES = [
  `${BY_LINK}: ${CODES} was ["account-exists","inviter-lost-authority","scope-archived","too-many-conflicts","wrong-account"], is ["account-exists","invitation-changed","inviter-lost-authority","scope-archived","too-many-conflicts","wrong-account"]`,
  `${BY_ID}: body was null, is {"required":false,"content":{"application/json":{"schema":{"type":"object","properties":{"terms":{"type":"integer","minimum":1,"maximum":1000000,"nullable":false}}}}}}`,
  `${BY_ID}: ${CODES} was ["inviter-lost-authority","scope-archived","too-many-conflicts","use-the-link"], is ["invitation-changed","inviter-lost-authority","scope-archived","too-many-conflicts","use-the-link"]`,
  `${BY_ID}: operation x-max-body-bytes added`,
];

/** Editors may name the version that they read. Only such a call meets the code for another. */
const EDITS = ['organisations', 'deployments'].map(
  (things) =>
    `PATCH /v1/${things}/{id}: ${CODES} was ["scope-archived","too-many-conflicts"], is ["scope-archived","scope-changed","too-many-conflicts"]`,
);

const FILES = 'POST /v1/groups/{id}/files';
const codesOf = (status: number): string =>
  `status ${String(status)} content application/problem+json schema field code schema enum`;
/** Files may have content. Only calls about such files meet the codes. */
const CONTENTS = [
  `${FILES}: body content multipart/form-data added`,
  `${FILES}: ${codesOf(409)} was ["idempotency-key-in-use","scope-archived","too-many-conflicts"], is ["idempotency-key-in-use","no-file-storage","scope-archived","too-many-conflicts"]`,
  `${FILES}: ${codesOf(413)} was ["payload-too-large"], is ["file-quota-exceeded","file-too-large","payload-too-large"]`,
  `${FILES}: ${codesOf(422)} was ["idempotency-key-reused"], is ["file-refused","idempotency-key-reused"]`,
  `${FILES}: ${codesOf(503)} was ["database-unavailable","event-store-unavailable","read-model-behind","stream-incomplete","stream-unreadable"], is ["database-unavailable","event-store-unavailable","file-storage-unavailable","read-model-behind","stream-incomplete","stream-unreadable"]`,
  `PATCH /v1/group-files/{id}: ${codesOf(409)} was ["scope-archived","too-many-conflicts"], is ["file-has-content","scope-archived","too-many-conflicts"]`,
];

/** What operators do is recorded, and two of them may do it at once. */
const OPERATORS = [
  `POST /v1/projections/{name}/resume: ${CODES} was ["checkpoint-ahead","log-differs"], is ["checkpoint-ahead","log-differs","too-many-conflicts"]`,
  'POST /v1/projections/{name}/resume: operation x-silent added',
  'POST /v1/projections/{name}/rebuild: status 409 added',
  'POST /v1/projections/{name}/rebuild: operation x-silent added',
];

describeOnOneEngine('the OpenAPI document', (engine) => {
  it('keeps all that the document of version 0.1.0 promised', async () => {
    await withTestServer(engine, {}, async (server) => {
      const found = changes(BEFORE, (await server.anonymous.get('/openapi.json').expect(200)).body);
      const expected = SESSION_ROUTES.flatMap((route) => [
        ...(route.endsWith('/sign-in/email') ? [`${route}: ${SECOND_FACTOR}`] : []),
        `${route}: status 409 added`,
      ]);
      expect(found).toEqual([...expected, ...ACCEPTANCES, ...EDITS, ...CONTENTS, ...OPERATORS]);
    });
  });
});

/** A document with one route, in the form that the product writes. */
const SMALL = {
  paths: {
    '/v1/roles/{id}': {
      patch: {
        operationId: 'editRole',
        summary: 'Edit a role',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 100 } },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Dto' } } },
        },
        responses: {
          200: {
            description: 'Done',
            headers: { 'Event-Position': { schema: { type: 'string' } } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/View' } } },
          },
          409: {
            content: {
              'application/problem+json': {
                schema: {
                  allOf: [
                    { $ref: '#/components/schemas/Problem' },
                    { type: 'object', properties: { code: { type: 'string', enum: ['role-name-taken'] } } },
                  ],
                },
              },
            },
          },
        },
        'x-permission': 'roles.edit',
      },
    },
  },
  components: {
    schemas: {
      Dto: { type: 'object', properties: { name: { type: 'string' }, title: { type: 'string' } }, required: ['name'] },
      View: { type: 'object', properties: { id: { type: 'string' }, kind: { enum: ['a', 'b'] } }, required: ['id'] },
      Problem: { type: 'object', properties: { code: { type: 'string' }, status: { type: 'integer' } } },
    },
  },
};

/** The changes when the document is edited as text. */
function changesBy(...edits: [from: string, to: string][]): string[] {
  const now = edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, JSON.stringify(SMALL));
  return changes(SMALL, JSON.parse(now) as JsonObject);
}

describe('between two OpenAPI documents', () => {
  it.each<[string, [string, string][], string]>([
    ['a path', [['/v1/roles/{id}', '/v1/role/{id}']], 'removed'],
    ['a method', [['"patch":', '"put":']], 'removed'],
    ['a parameter', [['"limit"', '"size"']], 'parameter query limit removed'],
    ["a parameter's limit", [['"maximum":100', '"maximum":50']], 'parameter query limit schema maximum was 100, is 50'],
    ['a status', [['"409":', '"422":']], 'status 409 removed'],
    ['a code', [['role-name-taken', 'role-exists']], 'schema field code schema enum was ["role-name-taken"]'],
    ['a header of an answer', [['Event-Position', 'Position']], 'status 200 header Event-Position removed'],
    ['a field of a body', [['"title":{', '"heading":{']], 'schema field title removed'],
    ['a type', [['"name":{"type":"string"}', '"name":{"type":"integer"}']], 'was "string", is "integer"'],
    ['whether a field is required', [['"required":["name"]', '"required":["name","title"]']], 'was false, is true'],
    ['a field of an answer', [['"id":{"type":"string"},', '']], 'schema field id removed'],
    ['a value of an answer', [['["a","b"]', '["a","b","c"]']], 'enum was ["a","b"], is ["a","b","c"]'],
    ['who may call', [['roles.edit', 'staff.manage']], 'operation x-permission was "roles.edit"'],
  ])('a change of %s is reported', (_, edits, change) => {
    const found = changesBy(...edits);
    expect(found.every((one) => one.startsWith('PATCH /v1/roles/{id}: '))).toBe(true);
    expect(found.join('\n')).toContain(change);
  });

  const MORE = '"more":{"type":"string"}';
  const asked = (required: boolean): string =>
    `"parameters":[{"name":"more","in":"query","required":${String(required)},"schema":{"type":"string"}},`;

  it.each<[string, [string, string][]]>([
    ['a route', [['"paths":{', '"paths":{"/v1/more":{"get":{"responses":{}}},']]],
    ['a field of a body', [['"title":{', `${MORE},"title":{`]]],
    ['a parameter', [['"parameters":[', asked(false)]]],
    ['a field of an answer', [['"kind":{', `${MORE},"kind":{`]]],
  ])('%s may be added', (_, edits) => {
    expect(changesBy(...edits)).toEqual([]);
  });

  it.each<[string, [string, string][], string]>([
    [
      'field',
      [
        ['"title":{', `${MORE},"title":{`],
        ['"required":["name"]', '"required":["more","name"]'],
      ],
      'schema field more demanded',
    ],
    ['parameter', [['"parameters":[', asked(true)]], 'parameter query more demanded'],
    ['status', [['"409":', '"404":{},"409":']], 'status 404 added'],
  ])('an added required %s is reported', (_, edits, change) => {
    expect(changesBy(...edits)).toEqual([expect.stringContaining(change)]);
  });

  it('texts and names within the document may change', () => {
    expect(
      changesBy(
        ['editRole', 'changeRole'],
        ['Edit a role', 'Change a role'],
        ['Done', 'OK'],
        ['schemas/Dto', 'schemas/RoleDto'],
        ['"Dto":', '"RoleDto":'],
      ),
    ).toEqual([]);
  });

  it('a call may begin to store events, and none may end', () => {
    const silent = JSON.parse(
      JSON.stringify(SMALL).replace('"x-permission"', '"x-stores-nothing":true,"x-permission"'),
    ) as JsonObject;
    expect(changes(silent, SMALL as JsonObject)).toEqual([]);
    expect(changes(SMALL as JsonObject, silent)).toEqual([expect.stringContaining('x-stores-nothing')]);
  });
});
