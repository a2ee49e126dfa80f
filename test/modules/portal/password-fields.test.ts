import { gzipSync } from 'node:zlib';
import { describeOnOneEngine } from '../../support/engines.js';
import { createOrganisation, freshEmail, idle, invite, join, type Place } from '../../support/scenarios.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { Visitor } from './portal-support.js';

const MOST_BYTES = 100_000;

/** The visible inputs of a page, by id. */
function autocompletesIn(html: string): Record<string, string> {
  const inputs = [...html.matchAll(/<input id="(\w+)"[^>]* autocomplete="([^"]+)"/g)];
  return Object.fromEntries(inputs.map(([, id, autocomplete]) => [id!, autocomplete!]));
}

describeOnOneEngine('password fields', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  const addressOfInvitation = async (email: string): Promise<string> =>
    `/invitations/${(await invite(server, server.admin, place, email, 'contributor')).token}`;

  it('tell password managers which password belongs to which address', async () => {
    const other = await createOrganisation(server, 'Hillside Clinic');
    const [visitor, { email }] = [new Visitor(server.url), await join(server, other, 'contributor')];
    await server.anonymous.post('/v1/auth/password-reset', { email }).expect(202);
    await idle(server);
    const [reset] = /\/password-reset\/[\w-]{51}/.exec(server.smtp.to(email).at(-1)!.text)!;
    const [fresh, known] = [await addressOfInvitation(freshEmail()), await addressOfInvitation(email)];
    const found: Record<string, Record<string, string>> = {};
    for (const [name, path] of Object.entries({
      signIn: '/sign-in',
      forgotten: '/password-reset',
      reset,
      fresh,
      known,
    }))
      found[name] = autocompletesIn((await visitor.get(path)).text);
    await visitor.submit('/sign-in', { email, password: PASSWORD });
    const [account, change] = [await visitor.get('/account'), await visitor.get('/account/password')];
    expect({ ...found, account: autocompletesIn(account.text), change: autocompletesIn(change.text) }).toEqual({
      signIn: { email: 'username', password: 'current-password' },
      forgotten: { email: 'username' },
      reset: { username: 'username', password: 'new-password' },
      fresh: { username: 'username', name: 'name', password: 'new-password' },
      known: { username: 'username', password: 'current-password' },
      account: {
        name: 'name',
        address: 'email',
        addressPassword: 'current-password',
      },
      change: { username: 'username', currentPassword: 'current-password', password: 'new-password' },
    });
    expect(change.text).toContain(`id="username" type="email" value="${email}"`);
  });

  it('are found at the well-known address, and other such addresses are missing', async () => {
    const visitor = new Visitor(server.url);
    const { status, headers } = await visitor.get('/.well-known/change-password');
    expect([status, headers['location']]).toEqual([303, '/account/password']);
    expect((await visitor.get('/account/password')).headers['location']).toBe('/sign-in?next=%2Faccount%2Fpassword');
    await visitor.submit('/sign-in', ADMIN);
    expect((await visitor.get('/account/password')).text).toContain('id="currentPassword"');
    // Browsers first ask for this one. They trust no site that answers it with success.
    const missing = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
    expect((await visitor.get(missing)).status).toBe(404);
    await server.anonymous.get(missing).expect(404);
  });

  it(`need less than ${String(MOST_BYTES)} bytes with the page and everything that rates a password`, async () => {
    const visitor = new Visitor(server.url);
    const { text: page } = await visitor.get(await addressOfInvitation(freshEmail()));
    const files = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files.map((file) => /\/([\w.-]+)\?v=\w+$/.exec(file)?.[1])).toEqual([
      'portal.css',
      'password-element.js',
      'password-strength.js',
    ]);
    const texts = [page];
    for (const file of files) texts.push((await visitor.get(file)).text);
    expect(texts.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThan(MOST_BYTES);
  });

  it('rate what the product refuses as weak, and several words as strong', async () => {
    const [, address] = /data-strength="([^"]+)"/.exec(
      (await new Visitor(server.url).get(await addressOfInvitation(freshEmail()))).text,
    )!;
    const { text } = await new Visitor(server.url).get(address!);
    const { scoreOf } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
      scoreOf: (password: string, easyWords: string[]) => number;
    };
    const scores = ['password123', '1234567890', 'ann@example.org', 'riverside2026', 'nine quiet otters'].map(
      (password) => scoreOf(password, ['ann@example.org', 'Riverside']),
    );
    expect(scores.map((score) => score <= 1)).toEqual([true, true, true, true, false]);
    expect(scores.at(-1)).toBe(4);
    expect(scoreOf('p4$$w0rd'.repeat(16), [])).toBeLessThanOrEqual(1);
  });
});
