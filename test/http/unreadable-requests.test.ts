import { once } from 'node:events';
import { connect } from 'node:net';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, readModelsCaughtUp } from '../support/scenarios.js';

describeOnOneEngine('a request that cannot be read', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  /** The answer that comes until the connection is closed. */
  async function answerTo(request: string): Promise<{ head: string; body: Record<string, unknown> }> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    let text = '';
    socket
      .on('data', (data) => {
        text += String(data);
      })
      .on('error', () => undefined);
    socket.write(request);
    await once(socket, 'close');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { head, body: JSON.parse(body) as Record<string, unknown> };
  }

  it.each([
    ['an unknown method', 'FOO /v1/organisations HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid-input'],
    ['a text that is not HTTP', 'secret-words\r\n\r\n', 400, 'invalid-input'],
    [
      'too long headers',
      `GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      413,
      'payload-too-large',
    ],
  ])('gets a problem document too: %s', async (_, request, status, code) => {
    const { head, body } = await answerTo(request);
    expect(head).toMatch(
      new RegExp(`^HTTP/1\\.1 ${String(status)} [\\s\\S]*\\r\\nContent-Type: application/problem\\+json\\r\\n`),
    );
    expect(body).toMatchObject({ status, code, type: `urn:rolecall:problem:${code}`, requestId: expect.any(String) });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('gets 404 for a link of any wrong length', async () => {
    for (const length of [100, 101, 5000]) {
      expect((await server.anonymous.get(`/v1/invitations/${'a'.repeat(length)}`).expect(404)).body.code).toBe(
        'invitation-not-found',
      );
    }
  });

  it('gets an outcome for a far too long address', async () => {
    const { path } = await createOrganisation(server);
    const { body } = await server.admin
      .post(`${path}/staff-invitations`, {
        emails: [`${'x'.repeat(100_000)}@example.test`, 'ann@example.test'],
        role: 'contributor',
      })
      .expect(201);
    expect(body.summary).toMatchObject({ 'invalid-email': 1, invited: 1 });
  });

  it('is refused when it holds fields that the write would ignore', async () => {
    const { path } = await createOrganisation(server);
    const fieldsOf = async (call: PromiseLike<{ status: number; body: { errors?: { field: string }[] } }>) => {
      const { status, body } = await call;
      return [status, body.errors?.map(({ field }) => field)];
    };
    const call = { emails: ['ann@example.test'], role: 'contributor' };
    expect(await fieldsOf(server.admin.post(`${path}/staff-invitations?dryRun=true`, call))).toEqual([400, ['dryRun']]);
    expect(await fieldsOf(server.admin.post(`${path}/archive?force=1`, { reason: 'because' }))).toEqual([
      400,
      ['force', 'reason'],
    ]);
    await readModelsCaughtUp(server);
    const { body } = await server.admin.get(path).expect(200);
    expect([body.archived, (await server.admin.get(`${path}/staff-invitations`).expect(200)).body.items]).toEqual([
      false,
      [],
    ]);
    await server.admin.post(`${path}/archive`, {}).expect(200);
    await server.admin.get(`${path}?utm_source=mail`).expect(200);
  });

  it('without a session gets the way to sign in', async () => {
    await server.anonymous.get('/v1/me').expect(401).expect('WWW-Authenticate', 'Bearer');
  });
});
