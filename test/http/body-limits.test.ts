import { once } from 'node:events';
import { request } from 'node:http';
import { MAX_BODY_BYTES } from '../../src/shared/http/sizes/body-limits.js';
import { describeOnPglite } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, type Place } from '../support/scenarios.js';
import { send, type Answer } from './calling.js';
import { readOperations, type Schema } from './openapi.js';

const MAX_ERRORS = 50;
const SIGN_IN = '/v1/auth/sign-in/email';

describeOnPglite('the size of a body', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let invitations: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    invitations = `${organisation.path}/staff-invitations`;
  });
  afterAll(async () => {
    await server.close();
  });

  const post = async (path: string, body: unknown, more: object = {}): Promise<Answer> =>
    send(server, { method: 'POST', path, token: server.admin.token, body, ...more });
  const said = ({ status, body }: Answer): unknown[] => [
    status,
    body.code,
    ...((body.errors ?? []) as { message: string }[]).map(({ message }) => message),
  ];
  const fields = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${String(index)}`, 1]));

  it('is documented for every JSON body, and so is the longest list in it', async () => {
    const operations = readOperations((await server.anonymous.get('/openapi.json').expect(200)).body).filter(
      ({ body }) => body !== null,
    );
    const large = operations.filter(({ maxBodyBytes }) => maxBodyBytes !== MAX_BODY_BYTES);
    expect(large.map(({ id, maxBodyBytes }) => `${id} ${String(maxBodyBytes)}`).sort()).toEqual(
      [
        '/v1/deployments/{id}/observer-invitations',
        '/v1/deployments/{id}/patient-invitations',
        '/v1/deployments/{id}/staff-invitations',
        '/v1/groups/{id}/invitations',
        '/v1/organisations/{id}/staff-invitations',
        '/v1/platform/staff-invitations',
      ].map((path) => `POST ${path} ${String(4 * 1024 * 1024)}`),
    );
    const unlimited = (schema: Schema, at: string): string[] => [
      ...(schema.type === 'array' && schema.maxItems === undefined ? [at] : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => unlimited(inner, `${at}.${name}`)),
    ];
    expect(operations.flatMap(({ id, body }) => unlimited(body!.schema, id))).toEqual([]);
  });

  it('is limited to the byte, also without a declared length', async () => {
    const sized = (bytes: number): string => JSON.stringify({ name: 'x'.repeat(bytes - 11) });
    expect((await post('/v1/organisations', sized(MAX_BODY_BYTES))).body.code).toBe('invalid-input');
    expect(said(await post('/v1/organisations', sized(MAX_BODY_BYTES + 1)))).toEqual([413, 'payload-too-large']);
    expect(await chunked('/v1/organisations', sized(MAX_BODY_BYTES + 1))).toBe(413);
    expect(await chunked(SIGN_IN, sized(MAX_BODY_BYTES + 1))).toBe(413);
    expect(await chunked(invitations, sized(MAX_BODY_BYTES + 1), null)).toBe(401);
    expect(
      await chunked(
        invitations,
        JSON.stringify({ emails: [freshEmail(), 'x'.repeat(MAX_BODY_BYTES)], role: 'contributor', dryRun: true }),
      ),
    ).toBe(201);
  });

  it.each(['/sign-in', '/invitations/forged/accept', '/join/forged', '/me/notices'])(
    'is limited for the form on %s',
    async (path) => {
      const type = 'application/x-www-form-urlencoded';
      expect((await post(path, `email=${'x'.repeat(MAX_BODY_BYTES)}`, { type, token: null })).status).toBe(413);
    },
  );

  it('is refused for too many fields, without naming them all', async () => {
    const many = await post(SIGN_IN, fields(4000), { token: null });
    expect(said(many)).toEqual([400, 'invalid-input', 'the body has more than 100 fields']);
    const some = await post(SIGN_IN, { email: 'ann@example.org', password: 'x', ...fields(90) }, { token: null });
    expect(some.body.errors).toHaveLength(MAX_ERRORS);
    expect(some.body.errors.at(-1)).toEqual({ field: '', message: '41 more fields are invalid' });
    const ignored = await post(`${organisation.path}/archive`, fields(90));
    expect([ignored.status, ignored.body.errors.length]).toEqual([400, MAX_ERRORS]);
  });

  it('is refused for a very long field name, in a short answer', async () => {
    const { status, body } = await post('/v1/organisations', { name: 'Riverside', ['n'.repeat(60_000)]: 1 });
    expect(status).toBe(400);
    expect(JSON.stringify(body).length).toBeLessThan(2000);
  });

  it('is refused for too many values', async () => {
    expect(said(await post('/v1/organisations', { name: 'x', targets: Array(2000).fill(1) }))).toEqual([
      400,
      'invalid-input',
      'the body has more than 1000 values',
    ]);
    const emails = Array.from({ length: 30_000 }, (_, index) => `p${String(index)}@example.org`);
    expect(said(await post(invitations, { emails, role: 'contributor', dryRun: true }))).toEqual([
      422,
      'too-many-recipients',
    ]);
    expect(said(await post(invitations, { ...fields(200), role: 'contributor' }))).toEqual([
      400,
      'invalid-input',
      'the body has more than 100 fields',
    ]);
  });

  it('is refused for too deep nesting', async () => {
    const nested = (depth: number): string => `{"name":${'['.repeat(depth - 1)}1${']'.repeat(depth - 1)}}`;
    expect((await post('/v1/organisations', nested(20))).body.errors).toMatchObject([{ field: 'name' }]);
    expect(said(await post('/v1/organisations', nested(21)))).toEqual([
      400,
      'invalid-input',
      'the body is nested deeper than 20 levels',
    ]);
  });

  it.each(['/v1/organisations', '/health/live', '/sign-in', '/v1/me'])(
    'has limits for the query string of %s too',
    async (path) => {
      for (const query of [
        'a=1&'.repeat(101),
        Array.from({ length: 101 }, (_, index) => `k${String(index)}=1`).join('&'),
      ]) {
        const { status } = await send(server, { method: 'GET', path: `${path}?${query}`, token: server.admin.token });
        expect(status).toBe(400);
      }
      expect(
        (
          await send(server, {
            method: 'GET',
            path: `${path}?${path === '/v1/organisations' ? '' : 'a=1&'.repeat(100)}`,
            token: server.admin.token,
          })
        ).status,
      ).toBeLessThan(304);
    },
  );

  it('within the limits does not allow a repeated item in a list', async () => {
    const role = { name: freshEmail('Role'), permissions: ['patients.view', 'patients.view'] };
    expect((await post(`${organisation.path}/roles`, role)).body.errors).toEqual([
      { field: 'permissions', message: 'must not repeat an item' },
    ]);
    const many = { ...role, permissions: Array(500).fill('patients.view') };
    expect((await post(`${organisation.path}/roles`, many)).body.errors).toMatchObject([{ field: 'permissions' }]);
  });

  it('allows a name of the longest length in any spelling', async () => {
    const decomposed = 'e\u0301'.repeat(200);
    const { status, body } = await post('/v1/organisations', { name: ` ${decomposed} ` });
    expect([status, body.name]).toEqual([201, '\u00e9'.repeat(200)]);
    expect((await post('/v1/organisations', { name: `${decomposed}x` })).body.errors).toMatchObject([
      { field: 'name' },
    ]);
    expect((await post('/v1/organisations', { name: 'e\u0301'.repeat(10_000) })).body.errors).toMatchObject([
      { field: 'name' },
    ]);
  });

  /** Sends the body in pieces, without a length. */
  async function chunked(path: string, body: string, token: string | null = server.admin.token): Promise<number> {
    const outgoing = request(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    });
    // A refused client may find the connection closed while it still sends.
    outgoing.on('error', () => undefined);
    outgoing.write(body.slice(0, 1000));
    outgoing.end(body.slice(1000));
    const [incoming] = await once(outgoing, 'response');
    incoming.resume();
    return incoming.statusCode as number;
  }
});
