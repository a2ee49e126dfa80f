import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { freshEmail } from '../../support/scenarios.js';
import { headingOf, Visitor } from './portal-support.js';

describeOnOneEngine('pages of an installation with a mail server', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => server.close());

  it('have no mailbox, not even for a super-admin', async () => {
    const visitor = new Visitor(server.url);
    expect((await visitor.get('/mailbox')).status).toBe(404);
    await visitor.submit('/sign-in', ADMIN);
    const { status, text } = await visitor.get('/mailbox');
    expect([status, headingOf(text)]).toEqual([404, 'There is nothing here']);
    expect((await visitor.get('/')).text).not.toContain('/mailbox');
  });

  it('show errors to browsers as pages, and to other callers as problem documents', async () => {
    const visitor = new Visitor(server.url);
    const page = await visitor.get('/no-such-page');
    expect([page.status, page.type, headingOf(page.text)]).toEqual([404, 'text/html', 'There is nothing here']);
    expect((await new Visitor(server.url, { 'Accept-Language': 'de' }).get('/no-such-page')).text).toContain(
      '<html lang="de">',
    );
    for (const path of ['/v1/no-such-thing', '/v1/me', '/health/no', '/openapi.json/x']) {
      expect((await visitor.get(path)).type).toBe('application/problem+json');
    }
    const { body } = await server.anonymous.get('/no-such-page').expect(404);
    expect(body).toMatchObject({ code: 'not-found', status: 404 });
  });

  it('are no part of the API description', async () => {
    const { body } = await server.anonymous.get('/openapi.json').expect(200);
    const paths = Object.keys(body.paths as object);
    expect(paths).toContain('/v1/invitations/{token}');
    expect(paths.filter((path) => !/^\/(?:v1|auth)\//.test(path))).toEqual([]);
  });

  it('use cacheable files of this site alone, and no inline script or style', async () => {
    const { text, headers } = await new Visitor(server.url).get('/');
    const files = [...text.matchAll(/ (?:href|src)="(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
    const answers = await Promise.all(files.map(async (file) => new Visitor(server.url).get(file)));
    expect(answers.map(({ status, headers: own }) => [status, own['content-type'], own['cache-control']])).toEqual(
      ['text/css', 'text/javascript'].map((type) => [
        200,
        `${type}; charset=utf-8`,
        'public, max-age=31536000, immutable',
      ]),
    );
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script(?! type="module" src="\/assets\/[^"]+"><\/script>)|style="|<style/);
  });

  it('sign in and out only by a form of this site', async () => {
    const visitor = new Visitor(server.url);
    for (const fields of [{}, { email: ADMIN.email, password: '' }, { email: '  ', password: PASSWORD }])
      expect((await visitor.submit('/sign-in', fields)).status).toBe(400);
    const wrong = await visitor.submit('/sign-in', { email: ADMIN.email, password: 'wrong password' });
    expect([
      wrong.status,
      wrong.text.includes(`value="${ADMIN.email}"`),
      wrong.text.includes('wrong password'),
    ]).toEqual([401, true, false]);
    expect(
      (await visitor.submit('/sign-in', ADMIN, { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }))
        .status,
    ).toBe(403);
    expect(visitor.isSignedIn).toBe(false);
    expect((await visitor.submit('/sign-in', ADMIN)).headers['location']).toBe('/');
    expect(headingOf((await visitor.get('/')).text)).toBe('First Administrator');
    for (const from of [
      {},
      { Origin: 'null' },
      { Origin: 'https://evil.example' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null', 'Sec-Fetch-Site': 'same-site' },
    ] as Record<string, string>[]) {
      const { status, text } = await visitor.submit('/sign-out', {}, from);
      expect([status, headingOf(text)]).toEqual([403, 'This did not come from our page']);
    }
    const out = await visitor.submit('/sign-out', {}, { Origin: server.url });
    // The browser drops the pages that it keeps in memory.
    expect([out.status, out.headers['clear-site-data']]).toEqual([303, '"cache"']);
    expect(visitor.isSignedIn).toBe(false);
    expect((await visitor.get('/')).text).toContain('<h1>Sign in</h1>');
    expect((await visitor.submit('/sign-out')).status).toBe(303);
  });

  it('accept a sign-in form without an origin if the browser names the same site', async () => {
    const visitor = new Visitor(server.url);
    await visitor.submit('/sign-in', ADMIN);
    expect((await visitor.submit('/sign-in', ADMIN, { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(
      303,
    );
    expect((await visitor.submit('/sign-in', ADMIN, { Origin: 'null' })).status).toBe(403);
  });

  it('lead only to paths of this site after signing in', async () => {
    for (const next of ['https://evil.example', '//evil.example']) {
      expect((await new Visitor(server.url).submit('/sign-in', { ...ADMIN, next })).headers['location']).toBe('/');
    }
  });

  it('say how long to wait after too many failed sign-ins', async () => {
    const visitor = new Visitor(server.url);
    const email = freshEmail();
    for (let attempt = 0; attempt < 10; attempt += 1)
      await visitor.submit('/sign-in', { email, password: 'wrong password' });
    const { status, text, headers } = await visitor.submit('/sign-in', { email, password: 'wrong password' });
    expect(status).toBe(429);
    expect(text).toMatch(/Wait 1[45] minutes/);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
