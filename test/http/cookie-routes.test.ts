import { readdirSync, readFileSync } from 'node:fs';
import { join as joined } from 'node:path';
import { sql } from 'kysely';
import request from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../support/scenarios.js';

/** The headers that tell where a request comes from, by its sender. */
const ELSEWHERE: Readonly<Record<string, Record<string, string>>> = {
  'another site': { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
  'another site whose browser names no origin': { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
  'another host of the same site': { Origin: 'https://other.example', 'Sec-Fetch-Site': 'same-site' },
  'another site, over plain HTTP': { Origin: 'http://evil.example' },
  'a sandbox, over plain HTTP': { Origin: 'null' },
};

/** A call of a route that sets or clears a cookie. */
interface CookieCall {
  /** Default: POST. */
  method?: 'delete';
  path: string;
  fields: Record<string, string>;
  /** The cookie of the session that the call needs. */
  cookie?: string;
  /** The call sends a form. */
  isForm?: true;
}

describeOnOneEngine('routes that set or clear a cookie', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  const offered = async (email = freshEmail()): Promise<string> =>
    (await invite(server, server.admin, place, email, 'contributor')).token;
  const sessionCookie = (setCookie: unknown): string =>
    (setCookie as string[]).map((line) => line.split(';')[0]!).find((pair) => pair.includes('session_token'))!;
  const cookieOf = async (email: string, password = PASSWORD): Promise<string> =>
    sessionCookie(
      (await server.anonymous.post('/v1/auth/sign-in/email', { email, password }).expect(200)).headers['set-cookie'],
    );
  const isHeld = async (cookie: string): Promise<boolean> =>
    (await server.anonymous.get('/v1/me').set('Cookie', cookie)).status === 200;
  const sessions = async (): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from account_session`.execute(
      server.database.kysely(),
    );
    return rows[0]!.count;
  };
  const send = (call: CookieCall, from: Record<string, string>) => {
    const sent = request(server.url)
      [call.method ?? 'post'](call.path)
      .set({ Accept: 'text/html', ...from, ...(call.cookie === undefined ? {} : { Cookie: call.cookie }) });
    return call.isForm ? sent.type('form').send(call.fields) : sent.send(call.fields);
  };

  /** Each call is made anew, because a call that succeeds uses it up. */
  const CALLS: Readonly<Record<string, () => Promise<CookieCall>>> = {
    'POST /v1/auth/sign-in/email': async () => Promise.resolve({ path: '/v1/auth/sign-in/email', fields: ADMIN }),
    'POST /auth/sign-in/email': async () => Promise.resolve({ path: '/auth/sign-in/email', fields: ADMIN }),
    'POST /v1/auth/sign-out': async () => ({
      path: '/v1/auth/sign-out',
      fields: {},
      cookie: await cookieOf(ADMIN.email, ADMIN.password),
    }),
    'POST /auth/sign-out': async () => ({
      path: '/auth/sign-out',
      fields: {},
      cookie: await cookieOf(ADMIN.email, ADMIN.password),
    }),
    'POST /sign-in': async () => Promise.resolve({ path: '/sign-in', fields: ADMIN, isForm: true }),
    'POST /sign-out': async () => ({
      path: '/sign-out',
      fields: {},
      cookie: await cookieOf(ADMIN.email, ADMIN.password),
      isForm: true,
    }),
    'DELETE /v1/me': async () => ({
      method: 'delete',
      path: '/v1/me',
      fields: { password: PASSWORD },
      cookie: await cookieOf((await join(server, place, 'contributor')).email),
    }),
    'POST /account/close': async () => ({
      path: '/account/close',
      fields: { password: PASSWORD },
      cookie: await cookieOf((await join(server, place, 'contributor')).email),
      isForm: true,
    }),
    'POST /invitations/:token/accept': async () => ({
      path: `/invitations/${await offered()}/accept`,
      fields: { name: 'Ann', password: PASSWORD },
      isForm: true,
    }),
    'POST /invitations/:token/sign-in': async () => {
      const { email } = await join(server, await createOrganisation(server), 'contributor');
      return { path: `/invitations/${await offered(email)}/sign-in`, fields: { password: PASSWORD }, isForm: true };
    },
    'POST /invitations/:token/sign-out': async () => ({
      path: `/invitations/${await offered()}/sign-out`,
      fields: {},
      cookie: await cookieOf(ADMIN.email, ADMIN.password),
      isForm: true,
    }),
  };

  it.each(Object.keys(CALLS))('%s does nothing for another site', async (route) => {
    const call = await CALLS[route]!();
    const before = { events: (await server.events()).length, sessions: await sessions() };
    const faults: unknown[] = [];
    for (const [who, from] of Object.entries(ELSEWHERE)) {
      const { status, headers } = await send(call, from);
      if (status !== 403 || headers['set-cookie'] !== undefined) faults.push([who, status, headers['set-cookie']]);
    }
    expect(faults).toEqual([]);
    expect({ events: (await server.events()).length, sessions: await sessions() }).toEqual(before);
    if (call.cookie !== undefined) expect(await isHeld(call.cookie)).toBe(true);
  });

  it.each(Object.keys(CALLS))('%s works for a page of the product, with either of the two headers', async (route) => {
    for (const from of [{ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }, { Origin: server.url }] as Record<
      string,
      string
    >[]) {
      const { status, headers } = await send(await CALLS[route]!(), from);
      expect([status < 400, headers['set-cookie'] !== undefined]).toEqual([true, true]);
    }
  });

  it.each(Object.keys(CALLS))('%s works without both headers only without a cookie', async (route) => {
    const call = await CALLS[route]!();
    const { status } = await send(call, {});
    expect(status < 400).toBe(call.cookie === undefined);
    // The holder of the link may accept, because that sets no cookie for a signed-in person.
    if (call.cookie === undefined && !route.endsWith('/accept'))
      expect((await send({ ...(await CALLS[route]!()), cookie: 'rolecall.session_token=any' }, {})).status).toBe(403);
  });

  it.each(['POST /v1/auth/sign-in/email', 'POST /auth/sign-in/email', 'POST /sign-in'])(
    '%s ends the session whose cookie it replaces',
    async (route) => {
      const { email, api } = await join(server, place, 'contributor');
      const old = await cookieOf(email);
      const { headers } = await send({ ...(await CALLS[route]!()), cookie: old }, { Origin: server.url });
      expect([await isHeld(old), await isHeld(sessionCookie(headers['set-cookie']))]).toEqual([false, true]);
      // The same person stays signed in at another browser.
      await api.get('/v1/me').expect(200);
      const kept = await cookieOf(email);
      expect(
        (
          await send(
            { ...(await CALLS[route]!()), fields: { email, password: 'not the password' }, cookie: kept },
            { Origin: server.url },
          )
        ).status,
      ).toBe(401);
      expect(await isHeld(kept)).toBe(true);
    },
  );

  it('an invitation changes no session of another signed-in person, by both forms of its page', async () => {
    const { email } = await join(server, place, 'contributor');
    const cookie = await cookieOf(email);
    const elsewhere = await join(server, await createOrganisation(server), 'contributor');
    const [fresh, known] = [await offered(), await offered(elsewhere.email)];
    for (const [path, fields] of [
      [`/invitations/${fresh}/accept`, { name: 'Other', password: PASSWORD }],
      [`/invitations/${known}/sign-in`, { password: PASSWORD }],
    ] as const) {
      const { headers } = await send({ path, fields, cookie, isForm: true }, { Origin: server.url });
      expect([headers['set-cookie'], await isHeld(cookie)]).toEqual([undefined, true]);
    }
  });

  it('are all marked, because the one function that writes the header refuses others', () => {
    const folder = new URL('../../src/', import.meta.url).pathname;
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, readFileSync(joined(folder, file), 'utf8')] as const);
    expect(sources.filter(([, source]) => /set-cookie['"`]/i.test(source)).map(([file]) => file)).toEqual([
      'shared/http/cookies.ts',
    ]);
    // Two marks stand for two addresses each, because that controller has two addresses for each of its routes.
    const marked = sources
      .map(([, source]) => [...source.matchAll(/^ {2}@CookieRoute\(\)$/gm)].length)
      .reduce((sum, count) => sum + count);
    expect(marked + 2).toBe(Object.keys(CALLS).length);
  });

  it("let forms send their origin from browsers without Sec-Fetch-Site, and never the page's address", async () => {
    for (const path of ['/', '/sign-in', `/invitations/${await offered()}`]) {
      const { text, headers } = await request(server.url).get(path).set('Accept', 'text/html').expect(200);
      expect([text.includes('<meta name="referrer" content="strict-origin">'), headers['referrer-policy']]).toEqual([
        true,
        'no-referrer',
      ]);
    }
  });
});
