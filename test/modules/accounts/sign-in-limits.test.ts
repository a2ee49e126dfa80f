import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import request from 'supertest';
import { SignInLimits, type Attempt } from '../../../src/modules/accounts/sign-in-limits.js';
import type { PasswordHashing } from '../../../src/modules/accounts/authentication.js';
import { RateLimits } from '../../../src/shared/rate-limits/rate-limits.js';
import type { RuleBroken } from '../../../src/shared/problems/problem-codes.js';
import { RequestLimits } from '../../../src/modules/patients/invite-links/request-limits.js';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../../support/scenarios.js';

const WRONG = 'not the password at all';
const [PER_ACCOUNT, PER_ORIGIN, PER_EMAIL, REQUESTS_PER_ORIGIN] = [10, 100, 5, 300];
const HERE = '203.0.113.7';

/** Hashing that takes no time. It counts the checked passwords, and the most that were checked at once. */
class CountedHashing implements PasswordHashing {
  checks = 0;
  mostAtOnce = 0;
  private now = 0;
  /** Each check waits for this promise. Null lets all checks pass. */
  gate: Promise<void> | null = null;

  // They are properties, because better-auth calls them without this object.
  readonly hash = async (password: string): Promise<string> => Promise.resolve(`hash of ${password}`);

  readonly verify = async ({ hash, password }: { hash: string; password: string }): Promise<boolean> => {
    this.checks += 1;
    this.now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.now);
    await this.gate;
    this.now -= 1;
    return hash === `hash of ${password}`;
  };
}

/** Counts the statements that the server makes within each request. Work in the background doesn't count. */
function countStatements({ running, database }: TestServer): { inLastRequest: () => number; stop: () => void } {
  const requests = new AsyncLocalStorage<{ statements: number }>();
  let last = { statements: 0 };
  const begin = (): void => {
    last = { statements: 0 };
    // The server's own listener is called next, and its work keeps this context.
    requests.enterWith(last);
  };
  const http = running.app.getHttpServer();
  http.prependListener('request', begin);
  const executor = Object.getPrototypeOf(database.kysely().getExecutor()) as {
    executeQuery: (...given: unknown[]) => Promise<unknown>;
  };
  const original = executor.executeQuery;
  executor.executeQuery = async function counted(this: unknown, ...given) {
    const request = requests.getStore();
    if (request) request.statements += 1;
    return original.apply(this, given);
  };
  return {
    inLastRequest: () => last.statements,
    stop: () => {
      http.removeListener('request', begin);
      executor.executeQuery = original;
    },
  };
}

describeOnOneEngine('limits of sign-ins', (engine) => {
  let server: TestServer;
  let place: Place;
  const hashing = new CountedHashing();
  beforeAll(async () => {
    server = await startTestServer(engine, { TRUSTED_PROXIES: 'loopback' }, { passwordHashing: hashing });
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  const signIn = (email: string, password: string, { from = HERE, cookie = '', to = server } = {}) =>
    request(to.url)
      .post('/v1/auth/sign-in/email')
      .set('X-Forwarded-For', from)
      .set('Origin', to.url)
      .set(cookie ? { Cookie: cookie } : {})
      .send({ email, password });
  const all = async <Result>(count: number, make: (index: number) => PromiseLike<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: count }, async (_, index) => make(index)));
  const statuses = (answers: readonly { status: number }[]): Record<number, number> => {
    const counts: Record<number, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
  const deviceIn = (setCookie: unknown): string =>
    (setCookie as string[]).find((line) => line.startsWith('rolecall.device='))!.split(';')[0]!;
  /** Makes a number of failed sign-ins, one after the other. */
  const failed = async (count: number, email: string, from = HERE, to = server): Promise<void> => {
    for (let n = 0; n < count; n += 1) await signIn(email, WRONG, { from, to }).expect(401);
  };

  it('check 100 passwords of 400 that come from one origin at once, because they count before they hash', async () => {
    hashing.checks = 0;
    const answers = await all(4 * PER_ORIGIN, async () => signIn(freshEmail(), WRONG, { from: '198.51.100.1' }));
    expect(hashing.checks).toBeLessThanOrEqual(PER_ORIGIN);
    expect(statuses(answers)[401]).toBe(hashing.checks);
    expect(Object.keys(statuses(answers)).sort()).toEqual(expect.arrayContaining(['401', '429']));
  });

  it('check two passwords at once and let 100 wait, and refuse the next without counting a failure', async () => {
    let open = (): void => undefined;
    hashing.gate = new Promise((resolve) => {
      open = resolve;
    });
    hashing.mostAtOnce = 0;
    const callers = Array.from({ length: 103 }, (_, index) => ({
      email: freshEmail(),
      from: `198.51.${100 + index}.2`,
    }));
    const answers = callers.map(async (caller) => ({ caller, answer: await signIn(caller.email, WRONG, caller) }));
    // The first answer is the refusal, because all other calls wait for the gate.
    const { caller, answer } = await Promise.race(answers);
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'too-busy', '3']);
    open();
    hashing.gate = null;
    expect(statuses((await Promise.all(answers)).map(({ answer: one }) => one))).toEqual({ 401: 102, 503: 1 });
    expect(hashing.mostAtOnce).toBe(2);
    await failed(PER_ACCOUNT, caller.email, caller.from);
  });

  it('block an account only at the origin that failed, so that a stranger locks nobody out', async () => {
    const { email } = await join(server, place, 'contributor');
    await failed(PER_ACCOUNT, email, '192.0.2.66');
    await signIn(email, PASSWORD, { from: '192.0.2.66' }).expect(429);
    await signIn(email, PASSWORD, { from: '192.0.2.67' }).expect(200);
  });

  it('let a browser in that signed in to the account before, until it fails as often itself', async () => {
    const [{ email }, other] = [await join(server, place, 'contributor'), await join(server, place, 'contributor')];
    const cookie = deviceIn((await signIn(email, PASSWORD, { from: '192.0.2.1' }).expect(200)).headers['set-cookie']);
    await failed(PER_ACCOUNT, email, '192.0.2.2');
    await all(PER_ORIGIN, async () => signIn(freshEmail(), WRONG, { from: '192.0.2.2' }));
    await signIn(email, PASSWORD, { from: '192.0.2.2' }).expect(429);
    await signIn(email, PASSWORD, { from: '192.0.2.2', cookie }).expect(200);
    // The cookie holds for that account alone, and only with a valid signature.
    await signIn(other.email, PASSWORD, { from: '192.0.2.2', cookie }).expect(429);
    for (const forged of ['rolecall.device=any.any', cookie.slice(0, -1), `${cookie}x`])
      await signIn(email, PASSWORD, { from: '192.0.2.2', cookie: forged }).expect(429);
    for (let n = 0; n < PER_ACCOUNT; n += 1) await signIn(email, WRONG, { from: '192.0.2.3', cookie }).expect(401);
    await signIn(email, PASSWORD, { from: '192.0.2.3', cookie }).expect(429);
    await signIn(email, PASSWORD, { from: '192.0.2.3' }).expect(200);
  });

  it('recognise a browser for several accounts by one cookie, which names none of them and survives signing out', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, async () => join(server, place, 'contributor')));
    let cookie = '';
    for (const { email } of people)
      cookie = deviceIn((await signIn(email, PASSWORD, { cookie }).expect(200)).headers['set-cookie']);
    const { rows } = await sql<{ id: string }>`select id from person`.execute(server.database.kysely());
    const said = Buffer.from(decodeURIComponent(cookie)).toString();
    expect(rows.filter(({ id }) => said.includes(id) || said.includes(id.replaceAll('-', '')))).toEqual([]);
    expect(
      people.filter(({ email }) => said.includes(email) || said.includes(Buffer.from(email).toString('base64url'))),
    ).toEqual([]);
    const lines = (await signIn(people[0]!.email, PASSWORD).expect(200)).headers['set-cookie'] as unknown as string[];
    expect(lines.find((line) => line.startsWith('rolecall.device='))).toMatch(
      /; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const { headers } = await request(server.url)
      .post('/v1/auth/sign-out')
      .set({ Origin: server.url, Cookie: lines.map((line) => line.split(';')[0]).join('; ') })
      .expect(204);
    expect(String(headers['set-cookie'])).not.toContain('rolecall.device');
    for (const { email } of people) {
      await failed(PER_ACCOUNT, email, '192.0.2.9');
      await signIn(email, PASSWORD, { from: '192.0.2.9', cookie }).expect(200);
    }
  });

  it.each([
    ['203.0.113.50', '203.0.113.50:4711', '::ffff:203.0.113.50', '[::ffff:203.0.113.50]:1'],
    ['2001:db8:5:5::1', '[2001:db8:5:5:ffff::2]:443', '2001:DB8:5:5:1:2:3:4'],
  ])('count %s as one origin in each spelling', async (...written) => {
    const { email } = await join(server, place, 'contributor');
    for (let n = 0; n < PER_ACCOUNT; n += 1)
      await signIn(email, WRONG, { from: written[n % written.length]! }).expect(401);
    for (const from of written) await signIn(email, PASSWORD, { from }).expect(429);
    await signIn(email, PASSWORD, { from: '2001:db8:5:6::1' }).expect(200);
  });

  it('give known and unknown accounts the same answers, up to the limit and beyond', async () => {
    const { email } = await join(server, place, 'contributor');
    const said = async (address: string, from: string): Promise<unknown[]> => {
      const answers = [];
      for (let n = 0; n < PER_ACCOUNT + 3; n += 1) {
        const { status, body, headers } = await signIn(address, WRONG, { from });
        const { requestId: _, ...rest } = body as Record<string, unknown>;
        const { 'request-id': __, date: ___, 'retry-after': wait, ...others } = headers;
        answers.push({ status, rest, others, waits: Number(wait ?? 0) > 800 });
      }
      return answers;
    };
    expect(await said(email, '203.0.113.81')).toEqual(await said(freshEmail(), '203.0.113.82'));
  });

  it('do the same work for known, only invited and unknown people: as many statements and one hash', async () => {
    const [{ email }, invited] = [await join(server, place, 'contributor'), freshEmail('invited')];
    await invite(server, server.admin, place, invited, 'contributor');
    const counted = countStatements(server);
    try {
      const work = async (address: string, from: string): Promise<unknown[]> => {
        const done = [];
        for (let n = 0; n < PER_ACCOUNT + 2; n += 1) {
          hashing.checks = 0;
          await signIn(address, WRONG, { from });
          done.push([counted.inLastRequest(), hashing.checks]);
        }
        return done;
      };
      const known = await work(email, '203.0.113.91');
      expect(await work(invited, '203.0.113.92')).toEqual(known);
      expect(await work(freshEmail(), '203.0.113.93')).toEqual(known);
      expect(known[0]).toEqual([expect.any(Number), 1]);
      expect((known[0] as number[])[0]).toBeGreaterThan(2);
    } finally {
      counted.stop();
    }
  });

  it('end with their window, and are then deleted', async () => {
    const { email } = await join(server, place, 'contributor');
    await failed(PER_ACCOUNT, email, '192.0.2.100');
    await signIn(email, PASSWORD, { from: '192.0.2.100' }).expect(429);
    await sql`update rate_limit set expire = expire - 900001`.execute(server.database.kysely());
    await signIn(email, PASSWORD, { from: '192.0.2.100' }).expect(200);
    await server.running.app.get(RateLimits).sweep();
    const { rows } = await sql<{
      count: number;
    }>`select count(*)::int as count from rate_limit where expire < ${Date.now()}`.execute(server.database.kysely());
    expect(rows).toEqual([{ count: 0 }]);
  });

  it('store no address and no origin', async () => {
    const { email } = await join(server, place, 'contributor');
    await failed(1, email, '192.0.2.111');
    const { rows } = await sql<{ key: string }>`select key from rate_limit`.execute(server.database.kysely());
    expect(rows.length).toBeGreaterThan(0);
    expect(
      rows.filter(({ key }) => !/^[a-z-]+:[\w-]{43}$/.test(key) || key.includes(email) || key.includes('192.0.2')),
    ).toEqual([]);
  });

  it('are logged as security events that identify nobody', async () => {
    const { email } = await join(server, place, 'contributor');
    const before = server.logs.length;
    await failed(PER_ACCOUNT, email, '192.0.2.123');
    await signIn(email, WRONG, { from: '192.0.2.123' }).expect(429);
    const lines = server.logs.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    const events = lines.filter(({ security }) => security === true);
    expect(events.map(({ event }) => event)).toEqual([
      ...Array<string>(PER_ACCOUNT).fill('sign-in-failed'),
      'sign-in-limited',
    ]);
    expect(new Set(events.map(({ account }) => account)).size).toBe(1);
    for (const line of events) {
      expect(line).toEqual({
        level: 'warn',
        time: expect.any(String),
        instance: expect.stringMatching(/^[\da-f-]{36}$/),
        version: '0.1.0',
        requestId: expect.any(String),
        context: 'SignInLimits',
        event: expect.any(String),
        security: true,
        account: expect.stringMatching(/^[\w-]{16}$/),
        origin: '192.0.2.0/24',
        knownBrowser: false,
        msg: expect.any(String),
      });
    }
    expect(server.logs.slice(before).filter((line) => line.includes(email) || line.includes('192.0.2.123'))).toEqual(
      [],
    );
  });
});

describeOnOneEngine('limits across restarts', (engine) => {
  const codeOf = (error: unknown): string => (error as RuleBroken).code;

  it('hold for failed sign-ins and for requests through links, because the database counts them', async () => {
    const server = await startTestServer(engine);
    const attempt = async (to: TestServer, details: Partial<Attempt>): Promise<string> =>
      to.running.app
        .get(SignInLimits)
        .attempt<string>({ account: 'ann@example.org', origin: HERE, browser: null, ...details }, async () =>
          Promise.resolve(null),
        )
        .catch(codeOf);
    const ask = async (to: TestServer, origin: string, email: string, organisation = 'one'): Promise<string> =>
      to.running.app
        .get(RequestLimits)
        .count(origin, email as EmailAddress, organisation)
        .then(() => 'taken', codeOf);
    for (let n = 0; n < PER_ACCOUNT; n += 1) await attempt(server, {});
    for (let n = 0; n < PER_ORIGIN; n += 1) await attempt(server, { account: `account ${n}`, origin: '203.0.113.8' });
    for (let n = 0; n < PER_EMAIL; n += 1) await ask(server, HERE, 'pat@example.org');
    for (let n = 0; n < REQUESTS_PER_ORIGIN; n += 1) await ask(server, '203.0.113.9', `pat${n}@example.org`);
    await server.running.close();
    const next = await server.another();
    try {
      expect([
        await attempt(next, {}),
        await attempt(next, { account: 'bob@example.org', origin: '203.0.113.8' }),
        await attempt(next, { account: 'bob@example.org' }),
        await ask(next, '203.0.113.10', 'pat@example.org'),
        await ask(next, '203.0.113.9', 'new@example.org'),
        await ask(next, HERE, 'new@example.org'),
        await ask(next, HERE, 'pat@example.org', 'another'),
      ]).toEqual([
        'too-many-attempts',
        'too-many-attempts',
        'sign-in-failed',
        'too-many-requests',
        'too-many-requests',
        'taken',
        'taken',
      ]);
    } finally {
      await next.close();
    }
  });

  it('ignore the origins that an untrusted proxy names, and warn once about it', async () => {
    const server = await startTestServer(engine, { TRUSTED_PROXIES: '10.0.0.0/8' });
    try {
      for (const claim of ['203.0.113.1', '203.0.113.2'])
        await request(server.url).get('/v1/me').set('X-Forwarded-For', claim).expect(401);
      const warnings = server.logs
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ event }) => event === 'untrusted-proxy');
      expect(warnings).toEqual([
        expect.objectContaining({
          level: 'warn',
          origin: '127.0.0.0/24',
          msg: expect.stringContaining('TRUSTED_PROXIES'),
        }),
      ]);
      for (let n = 0; n < PER_ACCOUNT; n += 1)
        await request(server.url)
          .post('/v1/auth/sign-in/email')
          .set('X-Forwarded-For', `203.0.113.${n}`)
          .send({ email: ADMIN.email, password: WRONG })
          .expect(401);
      await request(server.url)
        .post('/v1/auth/sign-in/email')
        .set('X-Forwarded-For', '203.0.113.99')
        .send(ADMIN)
        .expect(429);
    } finally {
      await server.close();
    }
  });
});
