import { SignInLimits } from '../../src/modules/accounts/sign-in-limits.js';
import { originOf } from '../../src/shared/http/links/origin.js';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, Api, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, readModelsCaughtUp, type Place } from '../support/scenarios.js';

const WRONG = 'not the password at all';
const FAILURES_PER_ACCOUNT = 10;
const FAILURES_PER_ADDRESS = 100;

describeOnOneEngine('sign-in', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const attempt = (email: string, password: string, to = server) =>
    to.anonymous.post('/v1/auth/sign-in/email', { email, password });
  const times = async <Result>(count: number, make: (index: number) => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: count }, async (_, index) => make(index)));
  /** Sets the state after so many failed sign-ins from an address, each for another account. */
  const failedFrom = async (to: TestServer, address: string, count: number): Promise<unknown> =>
    times(count, async (index) =>
      to.running.app
        .get(SignInLimits)
        .attempt({ account: `account ${index}`, origin: originOf(address), browser: null }, async () =>
          Promise.resolve(null),
        )
        .catch(() => undefined),
    );
  const withCookie = (cookie: string) => ({
    get: (path: string) => server.anonymous.get(path).set('Cookie', cookie),
    patch: (path: string, origin?: string) => {
      const call = server.anonymous.patch(path, {}).set('Cookie', cookie);
      return origin === undefined ? call : call.set('Origin', origin);
    },
  });

  async function cookieOf(email: string, password = PASSWORD): Promise<string> {
    const { headers } = await attempt(email, password).expect(200);
    return (headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]!).join('; ');
  }

  it('finds the account by its address in any spelling', async () => {
    const person = await join(server, organisation, 'contributor', 'jürgen@köln.example');
    await readModelsCaughtUp(server);
    const me = await person.api.get('/v1/me').expect(200);
    for (const written of [
      'JÜRGEN@KÖLN.EXAMPLE',
      '  jürgen@köln.example\t',
      'jürgen@xn--kln-sna.example',
      'ju\u0308rgen@ko\u0308ln.example',
      'Jürgen@XN--KLN-SNA.example',
    ]) {
      const { body } = await attempt(written, PASSWORD).expect(200);
      const { body: again } = await new Api(server.url, body.token).get('/v1/me').expect(200);
      expect(again).toEqual(me.body);
    }
    await attempt('jurgen@koln.example', PASSWORD).expect(401);
    await attempt('jürgen@köln.example', ` ${PASSWORD}`).expect(401);
  });

  it('gives the same answer to a wrong password, an unknown address, an open invitation and an invalid address', async () => {
    const invited = freshEmail();
    await invite(server, server.admin, organisation, invited, 'contributor');
    const answers = [];
    for (const email of [ADMIN.email, freshEmail(), invited, 'no address at all'])
      answers.push(await attempt(email, WRONG).expect(401));
    const said = answers.map(({ body: { requestId: _, ...rest }, headers }) => ({
      rest,
      type: headers['content-type'],
      cookies: headers['set-cookie'],
      wait: headers['retry-after'],
    }));
    expect(said).toEqual(
      Array(4).fill({ ...said[0], rest: expect.objectContaining({ status: 401, code: 'sign-in-failed' }) }),
    );
  });

  it('takes about as long for an unknown address as for a wrong password', async () => {
    const real = await startTestServer(engine, {}, { passwordHashing: undefined });
    try {
      const { email } = await join(real, await createOrganisation(real), 'contributor');
      const took: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
      for (let round = 0; round < 7; round++) {
        for (const [which, address] of [
          ['known', email],
          ['unknown', freshEmail()],
        ] as const) {
          const started = performance.now();
          await attempt(address, WRONG, real).expect(401);
          took[which].push(performance.now() - started);
        }
      }
      const median = (all: number[]): number => [...all].sort((a, b) => a - b)[3]!;
      // Without a hash, an unknown address would take a tenth of the time.
      expect(median(took.unknown)).toBeGreaterThan(median(took.known) / 2.5);
      expect(median(took.known)).toBeGreaterThan(median(took.unknown) / 2.5);
    } finally {
      await real.close();
    }
  });

  it('refuses an account after ten failures in any spelling, and says how long', async () => {
    const [target, other] = [
      await join(server, organisation, 'contributor'),
      await join(server, organisation, 'contributor'),
    ];
    for (let failure = 0; failure < FAILURES_PER_ACCOUNT; failure++)
      await attempt(failure % 2 ? target.email.toUpperCase() : target.email, WRONG).expect(401);
    for (const password of [WRONG, PASSWORD]) {
      const { body, headers } = await attempt(target.email, password).expect(429);
      expect(body.code).toBe('too-many-attempts');
      expect(Number(headers['retry-after'])).toBeGreaterThan(800);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(900);
    }
    await target.api.get('/v1/me').expect(200);
    await attempt(other.email, PASSWORD).expect(200);
    await attempt(other.email, WRONG).expect(401);
  });

  it('lets no more guesses through when they come at the same moment', async () => {
    const { email } = await join(server, organisation, 'contributor');
    const answers = await times(3 * FAILURES_PER_ACCOUNT, async () => attempt(email, WRONG));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(FAILURES_PER_ACCOUNT);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2 * FAILURES_PER_ACCOUNT);
  });

  it('counts no success, and keeps failures after one', async () => {
    const { email } = await join(server, organisation, 'contributor');
    for (let failure = 0; failure < FAILURES_PER_ACCOUNT - 1; failure++) await attempt(email, WRONG).expect(401);
    await times(FAILURES_PER_ACCOUNT + 1, async () => attempt(email, PASSWORD).expect(200));
    await attempt(email, WRONG).expect(401);
    await attempt(email, PASSWORD).expect(429);
  });

  it('limits by the socket address, and ignores what an untrusted client forwards', async () => {
    const fresh = await startTestServer(engine);
    try {
      await failedFrom(fresh, '127.0.0.1', FAILURES_PER_ADDRESS - 1);
      await attempt(freshEmail(), WRONG, fresh).set('X-Forwarded-For', '203.0.113.1').expect(401);
      for (const claim of ['203.0.113.2', '203.0.113.3, 198.51.100.1', '127.0.0.1', '']) {
        const { body, headers } = await attempt(ADMIN.email, ADMIN.password, fresh)
          .set('X-Forwarded-For', claim)
          .set('Forwarded', 'for=192.0.2.1')
          .expect(429);
        expect({ code: body.code, waits: Number(headers['retry-after']) > 0 }).toEqual({
          code: 'too-many-attempts',
          waits: true,
        });
      }
      await fresh.admin.get('/v1/me').expect(200);
    } finally {
      await fresh.close();
    }
  });

  it('trusts only the address that a configured proxy saw', async () => {
    const behind = await startTestServer(engine, { TRUSTED_PROXIES: '127.0.0.1' });
    try {
      await failedFrom(behind, '203.0.113.1', FAILURES_PER_ADDRESS);
      const from = (forwarded: string) =>
        attempt(ADMIN.email, ADMIN.password, behind).set('X-Forwarded-For', forwarded);
      await from('203.0.113.1').expect(429);
      await from('198.51.100.7, 203.0.113.1').expect(429);
      await from('203.0.113.1, 198.51.100.7').expect(200);
    } finally {
      await behind.close();
    }
  });

  it("gives a cookie that reads, and that writes only from the product's own pages", async () => {
    const cookie = withCookie(await cookieOf(ADMIN.email, ADMIN.password));
    await cookie.get(organisation.path).expect(200);
    for (const origin of [
      undefined,
      'https://evil.example',
      'null',
      `${server.url}.evil.example`,
      server.url.replace('http:', 'https:'),
    ]) {
      const { body } = await cookie.patch(organisation.path, origin).expect(403);
      expect(body.code).toBe('origin-not-allowed');
    }
    await cookie.patch(organisation.path, server.url).expect(200);
    const { headers } = await attempt(ADMIN.email, ADMIN.password).expect(200);
    expect(headers['set-cookie']![0]).toMatch(/^rolecall\.session_token=[^;]+;.*HttpOnly/i);
    expect(headers['set-cookie']![0]).toMatch(/SameSite=(Lax|Strict)/i);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('needs no Origin for a bearer token, also beside a cookie', async () => {
    const cookie = await cookieOf(ADMIN.email, ADMIN.password);
    await server.admin
      .patch(organisation.path, {})
      .set('Cookie', cookie)
      .set('Origin', 'https://evil.example')
      .expect(200);
    await withCookie(cookie).get(organisation.path).set('Authorization', 'Bearer garbage').expect(401);
    await withCookie(cookie)
      .patch(organisation.path, 'https://evil.example')
      .set('Authorization', 'Bearer garbage')
      .expect(401);
  });

  it('ends one session at a sign-out', async () => {
    const { email, api: kept } = await join(server, organisation, 'contributor');
    const [bearer, cookie] = [await server.signIn(email), await cookieOf(email)];
    await bearer.post('/v1/auth/sign-out').expect(204);
    await bearer.get('/v1/me').expect(401);
    await bearer.post('/v1/auth/sign-out').expect(401);
    const { headers } = await server.anonymous
      .post('/v1/auth/sign-out')
      .set('Cookie', cookie)
      .set('Origin', server.url)
      .expect(204);
    expect(String(headers['set-cookie'])).toMatch(/rolecall\.session_token=;.*Max-Age=0/i);
    await withCookie(cookie).get('/v1/me').expect(401);
    await kept.get('/v1/me').expect(200);
  });

  it('stores tokens in a form that is no credential', async () => {
    const { api } = await join(server, organisation, 'contributor');
    const rows = await server.database
      .kysely<{ account_session: { token: string } }>()
      .selectFrom('account_session')
      .select('token')
      .execute();
    expect(rows.some(({ token }) => api.token!.startsWith(token))).toBe(true);
    for (const { token } of rows) {
      for (const forged of [
        token,
        `${token}.`,
        `${token}.${token}`,
        `${token}.${Buffer.alloc(32).toString('base64')}`,
      ]) {
        await new Api(server.url, forged).get('/v1/me').expect(401);
        await withCookie(`rolecall.session_token=${encodeURIComponent(forged)}`)
          .get('/v1/me')
          .expect(401);
      }
    }
  });

  it('refuses people who were only invited, and offers no sign-up', async () => {
    for (const path of [
      '/v1/auth/sign-up/email',
      '/auth/sign-up/email',
      '/api/auth/sign-up/email',
      '/api/auth/sign-in/email',
    ]) {
      await server.anonymous.post(path, { email: freshEmail(), password: PASSWORD, name: 'Nobody' }).expect(404);
    }
  });
});
