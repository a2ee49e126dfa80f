import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Response } from 'supertest';
import { describeOnEngines, describeOnOneEngine, type TestDatabase } from '../support/engines.js';
import { setReadOnly } from '../support/read-only.js';
import { TestClock } from '../support/test-clock.js';
import { ADMIN, metricsAt, PASSWORD, startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation, freshEmail, invite, type Place } from '../support/scenarios.js';
import { Visitor } from '../modules/portal/portal-support.js';

const AGAIN = /^(database|event-store)-unavailable$/;

/** Checks that the caller is told to come back, and nothing else. */
function expectTryAgain(answer: Response, code: string | RegExp = 'database-unavailable'): void {
  expect({ ...answer.body, status: answer.status }).toMatchObject({
    status: 503,
    code: typeof code === 'string' ? code : expect.stringMatching(code),
  });
  expect(answer.headers['retry-after']).toBe('2');
}

function expectPageToTryAgain({ status, headers, text }: Response): void {
  expect([status, headers['retry-after'], headers['content-type']]).toEqual([503, '2', 'text/html; charset=utf-8']);
  expect(text).toContain('<h1');
}

describeOnEngines(
  'a read-only database',
  (engine) => {
    let server: TestServer;
    let organisation: Place;
    let token: string;
    beforeAll(async () => {
      server = await startTestServer(engine);
      organisation = await createOrganisation(server);
      ({ token } = await invite(server, server.admin, organisation, freshEmail('invited'), 'contributor'));
      await setReadOnly(server.database, true);
      await waitFor(
        'a refused sign-in',
        async () =>
          (await server.anonymous.post('/v1/auth/sign-in/email', { email: ADMIN.email, password: ADMIN.password }))
            .status !== 200,
      );
    });
    afterAll(async () => {
      await server.close();
    });

    it('is reported to a caller who signs in', async () => {
      expectTryAgain(
        await server.anonymous.post('/v1/auth/sign-in/email', { email: ADMIN.email, password: ADMIN.password }),
      );
    });

    it('is reported to a caller who signs out', async () => {
      expectTryAgain(await server.signedIn(server.admin.token!).post('/v1/auth/sign-out'));
    });

    it('answers calls that only read', async () => {
      await server.admin.get('/v1/organisations').expect(200);
      await server.admin.get('/v1/me').expect(200);
      await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
    });

    it('is reported to a caller who invites or creates', async () => {
      const path = `${organisation.path}/staff-invitations`;
      const call = { emails: [freshEmail('late')], role: 'contributor' };
      const keyed = server.admin.post(path, call).set('Idempotency-Key', 'read-only');
      // The calls are made at the same time, because appends are repeated for five seconds.
      const answers = await Promise.all([
        keyed,
        server.admin.post(path, call),
        server.admin.post('/v1/organisations', { name: 'Too late' }),
      ]);
      expectTryAgain(answers[0]);
      expectTryAgain(answers[1], AGAIN);
      if (engine.name === 'EventStoreDB fake') expect(answers[2].status).toBe(201);
      else expectTryAgain(answers[2], 'event-store-unavailable');
    });

    it('is reported to a caller who accepts', async () => {
      expectTryAgain(
        await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }),
        AGAIN,
      );
    });

    it('is reported on pages, by forms and links', async () => {
      const visitor = new Visitor(server.url);
      expect((await visitor.get('/sign-in')).status).toBe(200);
      expectPageToTryAgain(await visitor.submit('/sign-in', { email: ADMIN.email, password: ADMIN.password }));
      expectPageToTryAgain(await visitor.submit(`/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }));
    });

    it('is used again when it takes writes again', async () => {
      await setReadOnly(server.database, false);
      const signedIn = await waitFor('a sign-in', async () => {
        const answer = await server.anonymous.post('/v1/auth/sign-in/email', {
          email: ADMIN.email,
          password: ADMIN.password,
        });
        return answer.status === 200 && answer;
      });
      expect(signedIn.body).toMatchObject({ token: expect.any(String) });
      await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
      await server.admin
        .post(`${organisation.path}/staff-invitations`, { emails: [freshEmail('late')], role: 'contributor' })
        .expect(201);
    });
  },
  { alsoOnEventStoreDb: true },
);

/** The database for a product that connects as a role of its own, with all rights on the tables. */
async function asRole(role: string, { url, ...place }: TestDatabase): Promise<TestDatabase> {
  const [db, name] = [place.database.kysely(), sql.id(role)];
  await sql`create role ${name} login password 'limited'`.execute(db);
  for (const things of ['all tables in schema public', 'all sequences in schema public', 'schema public'])
    await sql`grant all on ${sql.raw(things)} to ${name}`.execute(db);
  const own = new URL(url!);
  [own.username, own.password] = [role, 'limited'];
  const close = async (): Promise<void> => {
    await sql`drop owned by ${name}`.execute(db);
    await sql`drop role ${name}`.execute(db);
    await place.close();
  };
  return { ...place, url: own.href, close };
}

describeOnOneEngine('a full disk when a session must be stored', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    const db = server.database.kysely();
    await sql`create function disk_full() returns trigger language plpgsql as $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$`.execute(
      db,
    );
    await sql`create trigger disk_full before insert on account_session execute function disk_full()`.execute(db);
  });
  afterAll(async () => {
    await server.close();
  });

  it('is reported to a caller who signs in, although a library keeps the sessions', async () => {
    expectTryAgain(
      await server.anonymous.post('/v1/auth/sign-in/email', { email: ADMIN.email, password: ADMIN.password }),
    );
  });
});

describeOnEngines(
  'a database without a connection left',
  (engine) => {
    // PGlite has only one connection, which the product has.
    if (!process.env.TEST_DATABASE_URL || engine.name === 'PGlite') return;

    const clock = new TestClock();
    const role = `limited_${randomBytes(6).toString('hex')}`;
    let server: TestServer;
    const limitTo = async (connections: number): Promise<void> => {
      await sql`alter role ${sql.id(role)} connection limit ${sql.lit(connections)}`.execute(server.database.kysely());
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`.execute(
        server.database.kysely(),
      );
    };
    beforeAll(async () => {
      clock.set(new Date());
      server = await startTestServer(
        { ...engine, openDatabase: async (entities) => asRole(role, await engine.openDatabase(entities)) },
        {},
        { clock },
      );
      await limitTo(0);
    });
    afterAll(async () => {
      await server.close();
    });

    it.each(['/v1/organisations', '/v1/me', '/v1/me/invitations', '/v1/projections'])(
      'is reported to a caller who asks for %s',
      async (path) => {
        expectTryAgain(await server.admin.get(path));
      },
    );

    it('is reported to a caller who signs in, invites or opens a page', async () => {
      expectTryAgain(
        await server.anonymous.post('/v1/auth/sign-in/email', { email: ADMIN.email, password: ADMIN.password }),
      );
      expectTryAgain(await server.admin.post('/v1/organisations', { name: 'Nobody home' }));
      expectPageToTryAgain(
        await new Visitor(server.url).submit('/sign-in', { email: ADMIN.email, password: ADMIN.password }),
      );
    });

    it('is counted for every attempt, and logged once a minute', async () => {
      const failed = async (): Promise<number> =>
        Number(/^rolecall_work_failures_total\{reason="signals"\} (\d+)$/m.exec(await metricsAt(server.url))?.[1]);
      const lines = (): string[] => server.logs.filter((line) => line.includes('other instances are not heard'));
      const before = await waitFor('some attempts', async () => {
        const count = await failed();
        return count >= 3 && count;
      });
      expect(lines()).toHaveLength(1);
      expect(JSON.parse(lines()[0]!)).toMatchObject({
        level: 'warn',
        work: 'signals',
        count: 1,
        err: { kind: expect.any(String) },
      });
      clock.advance(60_000);
      await waitFor('another line', async () => Promise.resolve(lines().length === 2));
      expect((JSON.parse(lines()[1]!) as { count: number }).count).toBeGreaterThanOrEqual(before);
    });

    it('is used again when connections are free', async () => {
      await limitTo(-1);
      await waitFor('a list', async () => (await server.admin.get('/v1/organisations')).status === 200);
      await server.admin.post('/v1/organisations', { name: 'Somebody home' }).expect(201);
    });
  },
  { alsoOnEventStoreDb: true },
);
