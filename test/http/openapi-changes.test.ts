import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeOnOneEngine } from '../support/engines.js';
import { withTestServer } from '../support/test-server.js';
import { changes, type JsonObject } from './openapi-changes.js';

/** Made by the running product of 0.1.0, without its texts. It is never made anew, because callers rely on what they were told. */
const BEFORE = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/openapi-before.json'), 'utf8'),
) as JsonObject;

describeOnOneEngine('the OpenAPI document', (engine) => {
  it('takes back nothing that it said before', async () => {
    await withTestServer(engine, {}, async (server) => {
      expect(changes(BEFORE, (await server.anonymous.get('/openapi.json').expect(200)).body)).toEqual([]);
    });
  });
});

/** A document with one route, as the product writes it. */
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

/** What changed when it was edited as text. */
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
  ])('%s that is changed is reported', (_, edits, change) => {
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
  ])('an added %s that callers must know is reported', (_, edits, change) => {
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
});
