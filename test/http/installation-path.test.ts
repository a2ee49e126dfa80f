import { createServer, request as outgoing, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../support/test-server.js';

const PUBLIC_URL = 'http://care.example/rolecall';

/** A proxy in front of the product, which is reached under a path. It passes that path on, or removes it. */
async function startProxy(target: string, { strips }: { strips: string }): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, answer) => {
    const path = incoming.url!.startsWith(strips) ? incoming.url!.slice(strips.length) || '/' : incoming.url!;
    const passed = outgoing(new URL(path, target), { method: incoming.method!, headers: incoming.headers }, (from) => {
      answer.writeHead(from.statusCode!, from.headers);
      from.pipe(answer);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describeOnOneEngine('an installation under a path', (engine) => {
  let server: TestServer;
  let proxies: { name: string; url: string; server: Server }[];
  beforeAll(async () => {
    server = await startTestServer(engine, { PUBLIC_URL });
    proxies = [
      { name: 'keeps', ...(await startProxy(server.url, { strips: '//' })) },
      { name: 'strips', ...(await startProxy(server.url, { strips: '/rolecall' })) },
    ];
  });
  afterAll(async () => {
    for (const proxy of proxies)
      await new Promise((resolve) => {
        proxy.server.close(resolve);
      });
    await server.close();
  });

  const linesOf = (headers: Record<string, unknown>): string[] => (headers['set-cookie'] ?? []) as string[];
  const named = (lines: readonly string[], name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}=`));
  const pair = (line: string): string => line.split(';')[0]!;
  const signIn = async (): Promise<string[]> => {
    const { headers } = await request(server.url).post('/v1/auth/sign-in/email').send(ADMIN).expect(200);
    return linesOf(headers);
  };

  it.each(['keeps', 'strips'])('serves JSON, pages, forms and assets behind a proxy that %s the path', async (name) => {
    const { url } = proxies.find((proxy) => proxy.name === name)!;
    const get = (path: string, cookie = '') =>
      request(url)
        .get(path)
        .set({ Accept: 'text/html', ...(cookie ? { Cookie: cookie } : {}) });
    await get('/rolecall/health/live').expect(200);
    const { body } = await request(url)
      .post('/rolecall/v1/auth/sign-in/email')
      .set('Origin', 'http://care.example')
      .send(ADMIN)
      .expect(200);
    await request(url)
      .get('/rolecall/v1/me?x=y')
      .set('Authorization', `Bearer ${String(body.token)}`)
      .expect(200);
    for (const start of ['/rolecall', '/rolecall/', '/rolecall?saved=notices'])
      expect((await get(start).expect(200)).text).toContain('action="/rolecall/sign-in"');
    const form = await request(url)
      .post('/rolecall/sign-in')
      .type('form')
      .set('Origin', 'http://care.example')
      .send(ADMIN)
      .expect(303);
    expect(form.headers['location']).toBe('/rolecall/');
    const page = await get('/rolecall/', pair(named(linesOf(form.headers), 'rolecall.session_token').at(-1)!)).expect(
      200,
    );
    expect(page.text).toContain('First Administrator');
    await get(/href="([^"]+portal\.css[^"]*)"/.exec(page.text)![1]!).expect(200);
    const { body: problem } = await request(url).get('/rolecall/v1/no-such-thing').expect(404);
    expect(problem.code).toBe('not-found');
    const { body: document } = await request(url).get('/rolecall/openapi.json').expect(200);
    expect(document.servers).toEqual([{ url: PUBLIC_URL }]);
  });

  it('answers 404 under a path that only begins like its own', async () => {
    for (const path of ['/rolecallx/v1/me', '/rolecall.example', '/Rolecall/v1/me'])
      await request(server.url).get(path).expect(404);
  });

  it('sets cookies for its path alone, and deletes the one for the whole host', async () => {
    const lines = await signIn();
    expect(
      named(lines, 'rolecall.session_token').map((line) => [
        /; Path=([^;]*)/.exec(line)![1],
        /Max-Age=(\d+)/.exec(line)![1],
      ]),
    ).toEqual([
      ['/', '0'],
      ['/rolecall', expect.not.stringMatching(/^0$/)],
    ]);
    expect(named(lines, 'rolecall.device')).toEqual([expect.stringContaining('; Path=/rolecall;')]);
  });

  it('ends every session whose cookie comes with a sign-out, and clears both cookies', async () => {
    const [old, present] = [
      pair(named(await signIn(), 'rolecall.session_token').at(-1)!),
      pair(named(await signIn(), 'rolecall.session_token').at(-1)!),
    ];
    const { headers } = await request(server.url)
      .post('/sign-out')
      .set({ Origin: 'http://care.example', Cookie: `${present}; ${old}` })
      .expect(303);
    expect(
      linesOf(headers)
        .map((line) => /; Path=([^;]*)/.exec(line)![1])
        .sort(),
    ).toEqual(['/', '/rolecall']);
    for (const line of linesOf(headers)) expect(line).toMatch(/^rolecall\.session_token=; Max-Age=0; /);
    for (const cookie of [old, present]) await request(server.url).get('/v1/me').set('Cookie', cookie).expect(401);
  });

  it('keeps a session of the whole host, and takes the valid one of two cookies', async () => {
    const holds = pair(named(await signIn(), 'rolecall.session_token').at(-1)!);
    const ended = pair(named(await signIn(), 'rolecall.session_token').at(-1)!);
    await request(server.url)
      .post('/v1/auth/sign-out')
      .set({ Origin: 'http://care.example', Cookie: ended })
      .expect(204);
    for (const cookie of [
      holds,
      `${holds}; ${ended}`,
      `${ended}; ${holds}`,
      `rolecall.session_token=garbage; ${holds}`,
      `a=b; __Secure-${ended}; ${holds}`,
    ]) {
      await request(server.url).get('/v1/me').set('Cookie', cookie).expect(200);
    }
  });
});

describeOnOneEngine('an installation that is reached by TLS', (engine) => {
  it.each([
    [{}, 'max-age=31536000'],
    [{ HSTS_SUBDOMAINS: 'yes' }, 'max-age=31536000; includeSubDomains'],
  ])('with %j tells browsers to use TLS alone: %s', async (settings, said) => {
    const server = await startTestServer(engine, { PUBLIC_URL: 'https://care.example', ...settings });
    try {
      const { headers } = await request(server.url).post('/v1/auth/sign-in/email').send(ADMIN).expect(200);
      expect(headers['strict-transport-security']).toBe(said);
      for (const line of setCookies(headers))
        expect(line).toMatch(
          /^__Secure-rolecall\.(?:session_token|device)=.*; Path=\/; HttpOnly;(?=.*Secure)(?=.*SameSite=Lax)/,
        );
    } finally {
      await server.close();
    }
  });

  it('under a path that begins like a route of the product needs a proxy that removes the path', async () => {
    const server = await startTestServer(engine, { PUBLIC_URL: 'https://care.example/v1' });
    try {
      await request(server.url).get('/v1/me').expect(401);
      await request(server.url).get('/me').expect(404);
    } finally {
      await server.close();
    }
  });
});

function setCookies(headers: Record<string, unknown>): string[] {
  return headers['set-cookie'] as string[];
}
