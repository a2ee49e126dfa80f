import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Accounts } from '../../../src/modules/accounts/accounts.js';
import { AccountSweep } from '../../../src/modules/accounts/account-sweep.js';
import { PasswordChanges } from '../../../src/modules/accounts/password/password-changes.js';
import { SYSTEM } from '../../../src/shared/event-sourcing/command-handling.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../../support/engines.js';
import {
  createOrganisation,
  freshEmail,
  idle,
  invite,
  join,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const IDLE_HOURS = 2;

describeOnEngines('sessions', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, { SESSION_IDLE_HOURS: String(IDLE_HOURS) });
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const sessionsOf = async ({ api }: Pick<Member, 'api'>) => (await api.get('/v1/me/sessions').expect(200)).body.items;
  const eventsOf = async (id: string): Promise<StoredEvent[]> =>
    (await server.events()).filter(({ stream }) => stream === `session-${id}`);
  const endsOf = async (id: string) => (await eventsOf(id)).map(({ type, data }) => [type, data['how']]).slice(1);
  const personOf = async ({ api }: Pick<Member, 'api'>): Promise<string> =>
    (await api.get('/v1/me').expect(200)).body.personId;

  it('are listed newest first, with device, times and which one asks', async () => {
    const member = await join(server, organisation, 'contributor');
    const { body } = await server.anonymous
      .post('/v1/auth/sign-in/email', { email: member.email, password: PASSWORD })
      .set('User-Agent', FIREFOX)
      .expect(200);
    const [newest, oldest, ...more] = await sessionsOf({ api: server.signedIn(body.token) });
    expect(more).toEqual([]);
    expect(newest).toMatchObject({ device: 'Firefox on Windows', current: true });
    expect(oldest).toMatchObject({ device: null, current: false });
    expect(Date.parse(newest.createdAt)).toBeGreaterThanOrEqual(Date.parse(oldest.createdAt));
    const first = await member.api.get('/v1/me/sessions?limit=1').expect(200);
    const second = await member.api.get(`/v1/me/sessions?limit=1&cursor=${first.body.nextCursor}`).expect(200);
    expect([first, second].map((page) => page.body.items[0].id)).toEqual([newest.id, oldest.id]);
    expect(second.body.nextCursor).toBeNull();
  });

  it('are recorded with their start, before the token is given out, and with their end', async () => {
    const member = await join(server, organisation, 'contributor');
    const personId = await personOf(member);
    const again = await server.signIn(member.email);
    const [newest, oldest] = await sessionsOf({ api: again });
    const starts = await Promise.all([oldest, newest].map(async ({ id }) => (await eventsOf(id))[0]));
    expect(starts.map((event) => [event?.type, event?.revision, event?.data, event?.metadata.actor])).toEqual([
      ['SessionStarted', 0, { personId, by: 'invitation' }, personId],
      ['SessionStarted', 0, { personId, by: 'password' }, personId],
    ]);
    await again.post('/v1/auth/sign-out').expect(204);
    expect(await endsOf(newest.id)).toEqual([['SessionEnded', 'signed-out']]);
    await again.get('/v1/me').expect(401);
    await member.api.get('/v1/me').expect(200);
  });

  it('end one by one, only by the person themself, and once', async () => {
    const [member, other] = [
      await join(server, organisation, 'contributor'),
      await join(server, organisation, 'organisation-owner'),
    ];
    const again = await server.signIn(member.email);
    const [newest] = await sessionsOf({ api: again });
    await other.api.delete(`/v1/me/sessions/${newest.id}`).expect(404);
    await server.admin.delete(`/v1/me/sessions/${newest.id}`).expect(404);
    await again.get('/v1/me').expect(200);
    await member.api.delete(`/v1/me/sessions/${newest.id}`).expect(204);
    await again.get('/v1/me').expect(401);
    await member.api.delete(`/v1/me/sessions/${newest.id}`).expect(404);
    await member.api.delete(`/v1/me/sessions/${randomUUID()}`).expect(404);
    expect(await endsOf(newest.id)).toEqual([['SessionEnded', 'ended-elsewhere']]);
  });

  it('all end but the one that asks', async () => {
    const member = await join(server, organisation, 'contributor');
    const others = [await server.signIn(member.email), await server.signIn(member.email)];
    await member.api.delete('/v1/me/sessions').expect(204);
    for (const api of others) await api.get('/v1/me').expect(401);
    const left = await sessionsOf(member);
    expect(left).toMatchObject([{ current: true }]);
  });

  it('end with the last place', async () => {
    const member = await join(server, organisation, 'contributor');
    const [session] = await sessionsOf(member);
    await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
    await member.api.get('/v1/me').expect(401);
    await idle(server);
    expect(await endsOf(session.id)).toEqual([['SessionEnded', 'no-place']]);
  });

  it('end when they were unused too long, and when they are too old', async () => {
    const member = await join(server, organisation, 'contributor');
    const again = await server.signIn(member.email);
    const [newest, oldest] = await sessionsOf({ api: again });
    const db = server.database.kysely();
    await sql`update account_session set used_at = now() - ${IDLE_HOURS} * interval '1 hour' where id = ${newest.id}`.execute(
      db,
    );
    await sql`update account_session set expires_at = now() where id = ${oldest.id}`.execute(db);
    await again.get('/v1/me').expect(401);
    await member.api.get('/v1/me').expect(401);
    await server.running.app.get(AccountSweep).run();
    expect([await endsOf(newest.id), await endsOf(oldest.id)]).toEqual([
      [['SessionEnded', 'expired']],
      [['SessionEnded', 'expired']],
    ]);
  });

  it('stay open while they are used', async () => {
    const member = await join(server, organisation, 'contributor');
    const [session] = await sessionsOf(member);
    const db = server.database.kysely();
    await sql`update account_session set used_at = now() - interval '119 minutes' where id = ${session.id}`.execute(db);
    await member.api.get('/v1/me').expect(200);
    const [used] = await sessionsOf(member);
    expect(Date.now() - Date.parse(used.lastUsedAt)).toBeLessThan(60_000);
  });

  it('hold and leave no doubt after a crash between row and event', async () => {
    const member = await join(server, organisation, 'contributor');
    const again = await server.signIn(member.email);
    const [newest, oldest] = await sessionsOf({ api: again });
    const db = server.database.kysely();
    // As a crash leaves them: one before SessionStarted was answered for, one before SessionEnded was stored.
    await sql`update account_session set state = 'starting', created_at = now() - interval '1 hour' where id = ${oldest.id}`.execute(
      db,
    );
    await sql`update account_session set state = 'ending', ended_how = 'signed-out' where id = ${newest.id}`.execute(
      db,
    );
    await member.api.get('/v1/me').expect(401);
    await again.get('/v1/me').expect(401);
    await server.running.app.get(AccountSweep).run();
    expect([await endsOf(newest.id), await endsOf(oldest.id)]).toEqual([
      [['SessionEnded', 'signed-out']],
      [['SessionEnded', 'abandoned']],
    ]);
    const { rows } = await sql`select 1 from account_session where id in (${newest.id}, ${oldest.id})`.execute(db);
    expect(rows).toEqual([]);
  });

  it('end together when the password is replaced by an operator', async () => {
    const member = await join(server, organisation, 'contributor');
    const { app } = server.running;
    const [session] = await sessionsOf(member);
    const id = randomUUID();
    const passwordHash = await app.get(Accounts).hashPassword(PASSWORD);
    const change = { personId: await personOf(member), passwordHash, keepSession: null, actor: SYSTEM } as const;
    await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
      app.get(PasswordChanges).change({ ...change, how: 'operator' }),
    );
    await member.api.get('/v1/me').expect(401);
    expect(await endsOf(session.id)).toEqual([['SessionEnded', 'password-reset']]);
  });

  it('begin at most sixty times an hour for one person', async () => {
    const email = freshEmail('often');
    const { token } = await invite(server, server.admin, organisation, email, 'contributor');
    await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Often', password: PASSWORD }).expect(200);
    for (let n = 1; n < 60; n += 1) await server.signIn(email);
    const { body } = await server.anonymous.post('/v1/auth/sign-in/email', { email, password: PASSWORD }).expect(429);
    expect(body.code).toBe('too-many-attempts');
    await server.signIn((await join(server, organisation, 'contributor')).email);
  });
});
