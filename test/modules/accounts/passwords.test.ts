import { sql } from 'kysely';
import { Accounts } from '../../../src/modules/accounts/accounts.js';
import { AccountSweep } from '../../../src/modules/accounts/account-sweep.js';
import { PendingPasswords } from '../../../src/modules/accounts/password/pending-passwords.js';
import { requireText, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import type { Clock } from '../../../src/shared/time/clock.js';
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
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';

const NEW_PASSWORD = 'another fine password';
const HOUR_MS = 60 * 60 * 1000;
const RESET_LINK = /\/password-reset\/([A-Za-z0-9_-]{51})/g;

describeOnEngines('passwords', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let ahead = 0;
  beforeAll(async () => {
    const clock: Clock = { now: () => new Date(Date.now() + ahead) };
    server = await startTestServer(engine, {}, { clock });
    organisation = await createOrganisation(server);
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterAll(async () => {
    await server.close();
  });

  const attempt = async (email: string, password: string) =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status;
  const ask = async (email: string): Promise<void> => {
    await server.anonymous.post('/v1/auth/password-reset', { email }).expect(202, { status: 'requested' });
    await idle(server);
  };
  const linksTo = (email: string): string[] =>
    server.smtp
      .to(email)
      .flatMap(({ text }) => [...new Set([...text.matchAll(RESET_LINK)].map(([, token]) => token!))]);
  const reset = (token: string, password = NEW_PASSWORD) =>
    server.anonymous.post(`/v1/auth/password-reset/${token}`, { password });
  const personIdOf = async (api: Api): Promise<string> => (await api.get('/v1/me').expect(200)).body.personId;
  const eventsAbout = async (personId: string): Promise<StoredEvent[]> =>
    (await server.events()).filter(({ stream }) => stream === `person-${personId}`);
  const codeOf = async (token: string): Promise<string> => (await reset(token)).body.code;

  describe('that are changed', () => {
    it('hold from then on, and end all other sessions', async () => {
      const member = await join(server, organisation, 'contributor');
      const other = await server.signIn(member.email);
      const body = { currentPassword: PASSWORD, password: NEW_PASSWORD };
      await member.api.post('/v1/auth/password', body).expect(204);
      await member.api.get('/v1/me').expect(200);
      await other.get('/v1/me').expect(401);
      expect([await attempt(member.email, PASSWORD), await attempt(member.email, NEW_PASSWORD)]).toEqual([401, 200]);
      const personId = await personIdOf(member.api);
      expect(
        (await eventsAbout(personId)).map(({ type, data, metadata }) => [type, data['how'], metadata.actor]),
      ).toEqual([['PasswordChanged', 'changed', personId]]);
    });

    it('need the current one, whose failures are limited like those of signing in', async () => {
      const member = await join(server, organisation, 'contributor');
      const answers = [];
      for (let n = 0; n <= 10; n += 1)
        answers.push(
          (await member.api.post('/v1/auth/password', { currentPassword: 'not this one', password: NEW_PASSWORD })).body
            .code,
        );
      expect(answers).toEqual([...Array<string>(10).fill('wrong-password'), 'too-many-attempts']);
      await member.api.get('/v1/me').expect(200);
      expect(await eventsAbout(await personIdOf(member.api))).toEqual([]);
    });

    it.each([
      ['password123', 'password-too-common'],
      ['short', undefined],
    ])('are refused like any new password: %s', async (password, code) => {
      const member = await join(server, organisation, 'contributor');
      const { body } = await member.api.post('/v1/auth/password', { currentPassword: PASSWORD, password }).expect(400);
      expect(body.errors).toMatchObject([{ field: 'password', ...(code ? { code } : {}) }]);
    });

    it('are one password when several calls change them at once', async () => {
      const member = await join(server, organisation, 'contributor');
      const passwords = Array.from({ length: 4 }, (_, n) => `a fine password ${String(n)}`);
      const statuses = await Promise.all(
        passwords.map(
          async (password) =>
            (await member.api.post('/v1/auth/password', { currentPassword: PASSWORD, password })).status,
        ),
      );
      const right: boolean[] = [];
      for (const password of [PASSWORD, ...passwords]) right.push((await attempt(member.email, password)) === 200);
      expect(right.filter(Boolean)).toHaveLength(1);
      const changes = await eventsAbout(
        await personIdOf(await server.signIn(member.email, [PASSWORD, ...passwords][right.indexOf(true)])),
      );
      expect(changes).toHaveLength(statuses.filter((status) => status === 204).length);
      expect(changes.length).toBeGreaterThan(0);
    });

    it('hold by their event alone, whatever a crash left behind', async () => {
      const members = [
        await join(server, organisation, 'contributor'),
        await join(server, organisation, 'contributor'),
      ];
      const db = server.database.kysely();
      const { app } = server.running;
      const accounts = app.get(Accounts);
      for (const [n, member] of members.entries()) {
        const personId = await personIdOf(member.api);
        const changeId = personId;
        await app.get(PendingPasswords).hold({
          personId,
          changeId,
          passwordHash: await accounts.hashPassword(NEW_PASSWORD),
          keepSession: null,
          endSessions: 'password-changed',
        });
        // The first one's event is stored, the second one's never will be.
        if (n === 0) {
          await member.api.post('/v1/auth/password', { currentPassword: PASSWORD, password: NEW_PASSWORD }).expect(409);
          await sql`update pending_password set change_id = ${await storeChange(member)} where id = ${personId}`.execute(
            db,
          );
        }
      }
      const works = async (password: string): Promise<number[]> => [
        await attempt(members[0]!.email, password),
        await attempt(members[1]!.email, password),
      ];
      expect([await works(NEW_PASSWORD), await works(PASSWORD)]).toEqual([
        [200, 401],
        [401, 200],
      ]);
      await sql`update pending_password set started_at = now() - interval '1 hour'`.execute(db);
      await server.running.app.get(AccountSweep).run();
      const { rows } = await sql`select 1 from pending_password`.execute(db);
      expect(rows).toEqual([]);
      expect([await works(NEW_PASSWORD), await works(PASSWORD)]).toEqual([
        [200, 401],
        [401, 200],
      ]);
    });

    /** Changes the password for good and back, so that a stored change exists. @returns its id */
    async function storeChange(member: Member): Promise<string> {
      const personId = await personIdOf(member.api);
      const db = server.database.kysely();
      const { rows } = await sql<{ password: string }>`
        select password from account_credential where user_id = ${personId}`.execute(db);
      const { rows: held } = await sql<object>`delete from pending_password where id = ${personId} returning *`.execute(
        db,
      );
      await member.api
        .post('/v1/auth/password', { currentPassword: PASSWORD, password: 'in between times' })
        .expect(204);
      await sql`update account_credential set password = ${rows[0]!.password} where user_id = ${personId}`.execute(db);
      await sql`insert into pending_password select * from json_populate_recordset(null::pending_password, ${JSON.stringify(held)}::json)`.execute(
        db,
      );
      return requireText((await eventsAbout(personId)).at(-1)!.data, 'changeId');
    }
  });

  describe('that are forgotten', () => {
    it('are replaced by a mailed link, which ends all sessions and signs nobody in', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personIdOf(member.api);
      await ask(member.email);
      const [token, ...more] = linksTo(member.email);
      expect(more).toEqual([]);
      const answer = await reset(token!).expect(204);
      expect(answer.headers['set-cookie']).toBeUndefined();
      await member.api.get('/v1/me').expect(401);
      expect([await attempt(member.email, PASSWORD), await attempt(member.email, NEW_PASSWORD)]).toEqual([401, 200]);
      expect((await eventsAbout(personId)).map(({ type, metadata }) => [type, metadata.actor])).toEqual([
        ['PasswordResetRequested', 'system'],
        ['PasswordChanged', personId],
      ]);
    });

    it('are replaced once by one link', async () => {
      const member = await join(server, organisation, 'contributor');
      await ask(member.email);
      const [token] = linksTo(member.email);
      const statuses = await Promise.all(
        [reset(token!), reset(token!, 'yet another password')].map(async (call) => (await call).status),
      );
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect(await codeOf(token!)).toBe('password-reset-used');
    });

    it('are not replaced by an older link, after an hour, or after a change', async () => {
      const member = await join(server, organisation, 'contributor');
      await ask(member.email);
      await ask(member.email);
      const [older, newer] = linksTo(member.email);
      expect(await codeOf(older!)).toBe('password-reset-superseded');
      ahead = HOUR_MS;
      expect(await codeOf(newer!)).toBe('password-reset-expired');
      ahead = 0;
      await member.api.post('/v1/auth/password', { currentPassword: PASSWORD, password: NEW_PASSWORD }).expect(204);
      expect(await codeOf(newer!)).toBe('password-reset-used');
      expect(await attempt(member.email, NEW_PASSWORD)).toBe(200);
    });

    it('are not replaced by a tampered link, nor by one of another kind', async () => {
      const member = await join(server, organisation, 'contributor');
      await ask(member.email);
      const [token] = linksTo(member.email);
      const { token: invitation } = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
      const flipped = `${token!.slice(0, -2)}${token!.at(-2) === 'A' ? 'B' : 'A'}${token!.at(-1)!}`;
      for (const other of [flipped, invitation, 'x', token!.slice(1)]) {
        const { body } = await reset(other).expect(404);
        expect(body.code).toBe('password-reset-not-found');
      }
      await server.anonymous.get(`/v1/invitations/${token!}`).expect(404);
    });

    it('are refused like any new password, and the link still works', async () => {
      const member = await join(server, organisation, 'contributor');
      await ask(member.email);
      const [token] = linksTo(member.email);
      const { body } = await reset(token!, member.email).expect(400);
      expect(body.errors).toMatchObject([{ field: 'password', code: 'password-is-address' }]);
      await reset(token!).expect(204);
    });

    it('bring a person without an account their invitation again, with the same link', async () => {
      const email = freshEmail('invited');
      const { token } = await invite(server, server.admin, organisation, email, 'contributor');
      await idle(server);
      await ask(email);
      const mails = server.smtp.to(email);
      expect(mails).toHaveLength(2);
      expect(mails.map(({ text }) => text.includes(`/invitations/${token}`))).toEqual([true, true]);
      expect(linksTo(email)).toEqual([]);
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Invited', password: PASSWORD })
        .expect(200);
    });

    it('bring nothing to a person who was never invited, or whose invitation was withdrawn', async () => {
      const [unknown, revoked] = [freshEmail('unknown'), freshEmail('revoked')];
      const { id } = await invite(server, server.admin, organisation, revoked, 'contributor');
      await idle(server);
      await server.admin.delete(`/v1/staff-invitations/${id}`).expect(204);
      await idle(server);
      const before = server.smtp.to(revoked).length;
      const log = (await server.events()).length;
      await ask(unknown);
      expect((await server.events()).length).toBe(log);
      await ask(revoked);
      expect(server.smtp.to(unknown)).toEqual([]);
      expect(server.smtp.to(revoked)).toHaveLength(before);
    });

    it('are asked for as often as somebody likes, and five mails an hour are sent', async () => {
      const member = await join(server, organisation, 'contributor');
      const before = server.smtp.to(member.email).length;
      for (let n = 0; n < 8; n += 1) await ask(member.email);
      expect(server.smtp.to(member.email).length - before).toBe(5);
    });

    it('are told from no address in a bad shape', async () => {
      const { body } = await server.anonymous.post('/v1/auth/password-reset', { email: 'no address' }).expect(400);
      expect(body.errors).toMatchObject([{ field: 'email' }]);
    });

    it('leave no link in the log, the outbox or the database', async () => {
      const member = await join(server, organisation, 'contributor');
      await ask(member.email);
      const [token] = linksTo(member.email);
      await server.anonymous.get(`/password-reset/${token!}`).expect(200);
      await reset(token!, 'short').expect(400);
      await reset(token!).expect(204);
      await server.anonymous.get(`/password-reset/${token!}`).expect(410);
      expect(server.logs.join('')).not.toContain(token!);
      expect(JSON.stringify(await server.events())).not.toContain(token!);
      const { rows } = await sql<{ name: string }>`
        select table_name as name from information_schema.tables where table_schema = current_schema()`.execute(
        server.database.kysely(),
      );
      for (const { name } of rows) {
        const { rows: found } =
          await sql`select 1 from ${sql.table(name)} as t where t::text like ${`%${token!}%`}`.execute(
            server.database.kysely(),
          );
        expect([name, found]).toEqual([name, []]);
      }
    });
  });
});
