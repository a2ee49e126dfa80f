import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { AccountSweep } from '../../../src/modules/accounts/account-sweep.js';
import { AccountClosings } from '../../../src/modules/accounts/closing/account-closings.js';
import { PendingPasswords } from '../../../src/modules/accounts/password/pending-passwords.js';
import { NewSessionLimit } from '../../../src/modules/accounts/sessions/new-session-limit.js';
import { SessionRegister } from '../../../src/modules/accounts/sessions/session-register.js';
import { AcceptInvitation } from '../../../src/modules/invitations/respond/accept-invitation.command.js';
import { OwnPlaces } from '../../../src/modules/invitations/members/own-places.js';
import { EventStore, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import { describeOnEngines } from '../../support/engines.js';
import { beforeOnce, failOnce, restore } from '../../support/injected-failure.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  idle,
  invite,
  inviteObserver,
  invitePatient,
  inviteToGroup,
  join,
  joinGroup,
  observe,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';

const OTHER_PASSWORD = 'another fine password';

describeOnEngines('closing an account', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterEach(() => {
    const { app } = server.running;
    restore(app.get(AccountClosings), app.get(SessionRegister), app.get(OwnPlaces), app.get(EventStore));
  });
  afterAll(async () => {
    await server.close();
  });

  const close = (api: Api, password = PASSWORD) => api.delete('/v1/me', { password });
  const attempt = async (email: string, password = PASSWORD): Promise<number> =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status;
  const personOf = async (api: Api): Promise<string> => (await api.get('/v1/me').expect(200)).body.personId;
  const acceptedBy = async (api: Api, { token }: { token: string }): Promise<string> =>
    (await api.post(`/v1/invitations/${token}/accept`).expect(200)).body.membershipId;
  const logOf = async (personId: string): Promise<StoredEvent[]> =>
    (await server.events()).filter(({ stream }) => stream === `person-${personId}`);
  const closingsOf = async (personId: string): Promise<number> =>
    (await logOf(personId)).filter(({ type }) => type === 'AccountClosed').length;
  const endsBy = async (personId: string) =>
    (await server.events())
      .filter(({ metadata, type }) => metadata.actor === personId && type.endsWith('Left'))
      .map(({ type }) => type);
  /** The rows of the account, in every table that may have one. */
  const rowsOf = async (personId: string): Promise<string[]> => {
    const tables = {
      account_user: 'id',
      account_credential: 'user_id',
      account_session: 'user_id',
      provisional_account: 'id',
      pending_password: 'id',
      account_closing: 'id',
    };
    const found: string[] = [];
    for (const [table, column] of Object.entries(tables)) {
      const { rows } = await sql`select 1 from ${sql.table(table)} where ${sql.ref(column)} = ${personId}`.execute(
        server.database.kysely(),
      );
      if (rows.length > 0) found.push(table);
    }
    return found;
  };
  /** The person still has everything, and nothing was stored. */
  async function expectUntouched(member: Member, before: number): Promise<void> {
    await member.api.get('/v1/me').expect(200);
    expect(await attempt(member.email)).toBe(200);
    const types = (await server.events()).slice(before).map(({ type }) => type);
    expect(types.filter((type) => type !== 'SessionStarted')).toEqual([]);
  }

  describe('leaves', () => {
    it('every place, then ends the account and all its sessions for that reason', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const group = await createGroup(server, organisation);
      const elsewhere = await createGroup(server, await createOrganisation(server));
      await acceptedBy(member.api, await inviteToGroup(server, server.admin, group, member.email));
      await acceptedBy(member.api, await inviteToGroup(server, server.admin, elsewhere, member.email));
      await acceptedBy(member.api, await invitePatient(server, server.admin, deployment, member.email));
      await acceptedBy(member.api, await inviteObserver(server, server.admin, deployment, member.email));
      await acceptedBy(member.api, await invite(server, server.admin, deployment, member.email, 'contributor'));
      await server.signIn(member.email);
      const { headers } = await close(member.api).expect(204);
      expect(headers['event-position']).toBeDefined();
      expect([headers['set-cookie']].flat().map((line) => String(line).split(';').slice(0, 2).join())).toEqual(
        expect.arrayContaining(['rolecall.session_token=, Max-Age=0', 'rolecall.device=, Max-Age=0']),
      );
      await member.api.get('/v1/me').expect(401);
      expect(await attempt(member.email)).toBe(401);
      await idle(server);
      expect((await endsBy(personId)).sort()).toEqual([
        'GroupMemberLeft',
        'GroupMemberLeft',
        'ObserverLeft',
        'PatientLeft',
        'StaffMemberLeft',
        'StaffMemberLeft',
      ]);
      const sessions = (await server.events()).filter(
        ({ type, data }) => type === 'SessionStarted' && data['personId'] === personId,
      );
      const endings = (await server.events()).filter(
        ({ type, stream }) => type === 'SessionEnded' && sessions.some((start) => start.stream === stream),
      );
      expect(endings.map(({ data }) => data['how'])).toEqual(['account-closed', 'account-closed']);
      expect((await logOf(personId)).map(({ type, metadata }) => [type, metadata.actor])).toEqual([
        ['AccountClosed', personId],
      ]);
      expect(await rowsOf(personId)).toEqual([]);
    });

    it('an account without a place', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
      const api = await server.signIn(member.email);
      await close(api).expect(204);
      expect([await closingsOf(personId), await rowsOf(personId), await attempt(member.email)]).toEqual([1, [], 401]);
    });

    it('a group in which they are the last administrator, when their last role in its organisation ends', async () => {
      const owner = await join(server, organisation, 'organisation-owner');
      const other = await join(server, organisation, 'organisation-owner');
      const group = await createGroup(server, organisation, 'Own', owner.api);
      await close(owner.api).expect(204);
      await readModelsCaughtUp(server);
      expect((await other.api.get(`${group.path}/members`).expect(200)).body.items).toEqual([]);
    });

    it('pending invitations of others open, also in lists', async () => {
      const member = await join(server, organisation, 'contributor');
      const { id } = await invite(server, server.admin, deployment, member.email, 'contributor');
      await close(member.api).expect(204);
      expect((await server.admin.get(`/v1/staff-invitations/${id}`).expect(200)).body.state).toBe('pending');
    });

    it('the group that is deleted, which nobody can leave, and closes all the same', async () => {
      const member = await join(server, organisation, 'contributor');
      const group = await createGroup(server, await createOrganisation(server));
      await acceptedBy(member.api, await inviteToGroup(server, server.admin, group, member.email));
      await server.admin.delete(group.path).expect(204);
      await close(member.api).expect(204);
      expect(await attempt(member.email)).toBe(401);
    });
  });

  describe('is refused', () => {
    it('for a wrong password, whose failures are limited like those of signing in', async () => {
      const member = await join(server, organisation, 'contributor');
      const before = (await server.events()).length;
      const codes = [];
      for (let n = 0; n <= 10; n += 1) codes.push((await close(member.api, 'not this one')).body.code);
      expect(codes).toEqual([...Array<string>(10).fill('wrong-password'), 'too-many-attempts']);
      await member.api.get('/v1/me').expect(200);
      expect(await server.events()).toHaveLength(before);
    });

    it.each([[{}], [{ password: '' }], [{ password: 7 }], [{ password: 'a'.repeat(129) }]])(
      'for a body in a bad shape: %j',
      async (body) => {
        const member = await join(server, organisation, 'contributor');
        const answer = await member.api.delete('/v1/me', body).expect(400);
        expect(answer.body.errors).toMatchObject([{ field: 'password' }]);
      },
    );

    it('to the last owner, also with other places, and nothing has happened', async () => {
      const place = await createOrganisation(server);
      // The other place comes first, so that it would be left before the rule refuses.
      const owner = await join(server, organisation, 'contributor');
      await acceptedBy(owner.api, await invite(server, server.admin, place, owner.email, 'organisation-owner'));
      const before = (await server.events()).length;
      expect((await close(owner.api).expect(409)).body.code).toBe('last-owner');
      await expectUntouched(owner, before);
      const second = await join(server, place, 'organisation-owner');
      await close(owner.api).expect(204);
      expect((await close(second.api).expect(409)).body.code).toBe('last-owner');
    });

    it('to the last super-admin', async () => {
      const before = (await server.events()).length;
      expect((await close(server.admin, 'correct horse battery').expect(409)).body.code).toBe('last-owner');
      expect(await server.events()).toHaveLength(before);
    });

    it('to the last administrator of a group in whose organisation they hold no role', async () => {
      const place = await createOrganisation(server);
      const group = await createGroup(server, place);
      const member = await joinGroup(server, group, { administrator: true });
      const { body } = await server.admin.get(`${group.path}/members`).expect(200);
      const founder = body.items.find(({ email }: { email: string }) => email !== member.email);
      await server.admin.delete(`/v1/group-members/${founder.id}`).expect(204);
      const before = (await server.events()).length;
      expect((await close(member.api).expect(409)).body.code).toBe('last-owner');
      await expectUntouched(member, before);
    });

    it('to a member of an archived place', async () => {
      const place = await createOrganisation(server);
      const member = await join(server, place, 'contributor');
      await server.admin.post(`${place.path}/archive`).expect(200);
      const before = (await server.events()).length;
      expect((await close(member.api).expect(409)).body.code).toBe('scope-archived');
      await expectUntouched(member, before);
    });

    it('to an offboarded patient, whom staff must remove first', async () => {
      const patient = await enrol(server, deployment);
      await server.admin.post(`/v1/patients/${patient.membershipId}/offboard`, { reason: 'End' }).expect(200);
      const before = (await server.events()).length;
      expect((await close(patient.api).expect(403)).body.code).toBe('offboarded');
      await expectUntouched(patient, before);
      await acceptedBy(patient.api, await invite(server, server.admin, organisation, patient.email, 'contributor'));
      await server.admin.delete(`/v1/patients/${patient.membershipId}`).expect(204);
      await close(patient.api).expect(204);
    });

    it('without a session, and closes nobody else', async () => {
      const member = await join(server, organisation, 'contributor');
      await server.anonymous.delete('/v1/me', { password: PASSWORD }).expect(401);
      await close(server.signedIn(member.api.token!.slice(1))).expect(401);
      await member.api.get('/v1/me').expect(200);
    });
  });

  describe('is followed', () => {
    it('by a new account when the person is invited anew, made by the mail alone', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      await close(member.api).expect(204);
      const { id, token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      expect(await attempt(member.email)).toBe(401);
      await member.api.post(`/v1/me/invitations/${id}/accept`).expect(401);
      await member.api.post(`/v1/invitations/${token}/accept`).expect(400);
      expect((await server.anonymous.get(`/v1/invitations/${token}`).expect(200)).body.account).toBe('none');
      const account = { name: 'Ann Anew', password: OTHER_PASSWORD };
      const { body } = await server.anonymous.post(`/v1/invitations/${token}/accept`, account).expect(200);
      const api = server.signedIn(body.token);
      await readModelsCaughtUp(server);
      expect((await api.get('/v1/me').expect(200)).body).toMatchObject({ personId, name: 'Ann Anew' });
      expect([await attempt(member.email), await attempt(member.email, OTHER_PASSWORD)]).toEqual([401, 200]);
      await api.patch('/v1/me', { name: 'Ann Anew' }).expect(200);
      expect((await logOf(personId)).map(({ type }) => type)).toEqual(['AccountClosed']);
      await close(api, OTHER_PASSWORD).expect(204);
      expect(await closingsOf(personId)).toBe(2);
    });

    it('by no acceptance with the right password when the person only left: the mail is needed', async () => {
      const member = await join(server, organisation, 'contributor');
      await member.api.delete(`/v1/staff/${member.membershipId}`).expect(204);
      const { id, token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await readModelsCaughtUp(server);
      const api = await server.signIn(member.email);
      expect((await api.post(`/v1/me/invitations/${id}/accept`).expect(409)).body.code).toBe('use-the-link');
      await api.post(`/v1/invitations/${token}/accept`).expect(200);
    });

    it('by no use of an older link to a new password', async () => {
      const member = await join(server, organisation, 'contributor');
      await server.anonymous.post('/v1/auth/password-reset', { email: member.email }).expect(202);
      await idle(server);
      const [, link] = /\/password-reset\/([A-Za-z0-9_-]{51})/.exec(server.smtp.to(member.email).at(-1)!.text)!;
      await close(member.api).expect(204);
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: OTHER_PASSWORD })
        .expect(200);
      const { body } = await server.anonymous
        .post(`/v1/auth/password-reset/${link!}`, { password: 'a third fine password' })
        .expect(410);
      expect(body.code).toBe('password-reset-used');
      expect(await attempt(member.email, OTHER_PASSWORD)).toBe(200);
    });

    it('by no password that was changed before, whatever a crash left behind', async () => {
      const member = await join(server, organisation, 'contributor');
      const { app } = server.running;
      failOnce(app.get(PendingPasswords), 'apply', 'before');
      const change = { currentPassword: PASSWORD, password: 'a password in between' };
      await member.api.post('/v1/auth/password', change).expect(500);
      restore(app.get(PendingPasswords));
      await close(member.api, change.password).expect(204);
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: OTHER_PASSWORD })
        .expect(200);
      await app.get(AccountSweep).run();
      const tries = [PASSWORD, change.password, OTHER_PASSWORD].map(async (one) => attempt(member.email, one));
      expect(await Promise.all(tries)).toEqual([401, 401, 200]);
    });

    it('by no mail to a new password, but by the invitation that waits', async () => {
      const member = await join(server, organisation, 'contributor');
      await close(member.api).expect(204);
      await idle(server);
      const before = server.smtp.to(member.email).length;
      await server.anonymous.post('/v1/auth/password-reset', { email: member.email }).expect(202);
      await idle(server);
      expect(server.smtp.to(member.email)).toHaveLength(before);
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await server.anonymous.post('/v1/auth/password-reset', { email: member.email }).expect(202);
      await idle(server);
      expect(server.smtp.to(member.email).at(-1)!.text).toContain(token);
    });
  });

  describe('in a race', () => {
    it('with a call that closes the account just before happens once', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const closings = server.running.app.get(AccountClosings);
      beforeOnce(closings, 'begin', async () => close(member.api).expect(204));
      await close(member.api).expect(204);
      restore(closings);
      expect([await closingsOf(personId), await rowsOf(personId), await attempt(member.email)]).toEqual([1, [], 401]);
    });

    it('with itself happens once', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const statuses = await Promise.all([1, 2, 3].map(async () => (await close(member.api)).status));
      expect(statuses.filter((status) => status === 204).length).toBeGreaterThan(0);
      expect(statuses.filter((status) => ![204, 401, 403, 409].includes(status))).toEqual([]);
      expect([await closingsOf(personId), await rowsOf(personId), await attempt(member.email)]).toEqual([1, [], 401]);
    });

    it('with a removal leaves nothing behind', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const places = server.running.app.get(OwnPlaces);
      beforeOnce(places, 'leave', async () => server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204));
      await close(member.api).expect(204);
      expect([await closingsOf(personId), await rowsOf(personId)]).toEqual([1, []]);
    });

    it('with an acceptance in a session leaves no account with a place, whichever comes first', async () => {
      const closings = server.running.app.get(AccountClosings);
      const store = server.running.app.get(EventStore);
      for (const first of ['acceptance', 'acceptance at the last moment', 'closing'] as const) {
        const member = await join(server, organisation, 'contributor');
        const personId = await personOf(member.api);
        const { token } = await invite(server, server.admin, deployment, member.email, 'contributor');
        let accepted: unknown;
        // The call has passed the check of its session already.
        const acceptNow = async (): Promise<void> => {
          const id = randomUUID();
          accepted = await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
            server.running.app.get(CommandBus).execute(new AcceptInvitation(token, personId, null)),
          ).then(
            () => 'accepted',
            (error: unknown) => (error as { code: string }).code,
          );
        };
        const appending = (type: string) => (appends: unknown) => JSON.stringify(appends).includes(`"${type}"`);
        const closeNow = async () => close(member.api).expect(204);
        // The person has left every place, and AccountClosed is not decided yet, or is about to be stored.
        if (first === 'acceptance') beforeOnce(closings, 'close', acceptNow);
        else if (first === 'closing') beforeOnce(store, 'appendMany', closeNow, appending('InvitationAccepted'));
        else if (store.supportsAppendConditions) beforeOnce(store, 'appendMany', acceptNow, appending('AccountClosed'));
        await (first === 'closing' ? acceptNow() : closeNow());
        restore(closings, store);
        const held = await server.running.app.get(OwnPlaces).heldBy(personId);
        expect([first, held, await closingsOf(personId), await rowsOf(personId)]).toEqual([first, [], 1, []]);
        if (store.supportsAppendConditions)
          expect([first, accepted]).toEqual([first, first === 'closing' ? 'too-many-conflicts' : 'accepted']);
      }
    });

    it('of all owners of one organisation leaves one of them', async () => {
      const place = await createOrganisation(server);
      const owners = [
        await join(server, place, 'organisation-owner'),
        await join(server, place, 'organisation-owner'),
        await join(server, place, 'organisation-owner'),
      ];
      const answers = await Promise.all(owners.map(async ({ api }) => close(api)));
      const stay = owners.filter((_, n) => answers[n]!.status !== 204);
      expect(stay.length).toBeGreaterThan(0);
      const { body } = await server.admin.get(`${place.path}/staff`).expect(200);
      await readModelsCaughtUp(server);
      const left = (await server.admin.get(`${place.path}/staff`).expect(200)).body.items;
      expect(body.items.length).toBeGreaterThan(0);
      expect(left).toEqual(stay.map(({ email }) => expect.objectContaining({ email, role: 'organisation-owner' })));
      for (const { email } of stay) expect(await attempt(email)).toBe(200);
    });

    it('with a sign-in leaves no session', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const register = server.running.app.get(SessionRegister);
      // The password was right, and the row of the session is there already.
      beforeOnce(register, 'start', async () => close(member.api).expect(204));
      const credentials = { email: member.email, password: PASSWORD };
      const { body, status } = await server.anonymous.post('/v1/auth/sign-in/email', credentials);
      if (status === 200) await server.signedIn(body.token).get('/v1/me').expect(401);
      await server.running.app.get(AccountSweep).run();
      expect(await rowsOf(personId)).toEqual([]);
      // A row that comes after the account's own rows were removed never holds.
      const id = randomUUID();
      const db = server.database.kysely();
      await sql`insert into account_session (id, user_id, token, state, expires_at, created_at, updated_at)
        values (${id}, ${personId}, ${id}, 'starting', now() + interval '1 hour', now(), now())`.execute(db);
      await runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
        register.start(id, personId, 'password'),
      );
      const { rows } = await sql<{ state: string }>`select state from account_session where id = ${id}`.execute(db);
      expect(rows).toEqual([{ state: 'starting' }]);
      // Right after the password was checked.
      const other = await join(server, organisation, 'contributor');
      const newSessions = server.running.app.get(NewSessionLimit);
      beforeOnce(newSessions, 'count', async () => close(other.api).expect(204));
      const refused = await server.anonymous
        .post('/v1/auth/sign-in/email', { ...credentials, email: other.email })
        .expect(401);
      expect(refused.body.code).toBe('sign-in-failed');
      restore(newSessions);
    });
  });

  describe('after a crash', () => {
    const finishes = async (member: Member, personId: string): Promise<void> => {
      const api = (await member.api.get('/v1/me')).status === 200 ? member.api : await server.signIn(member.email);
      await close(api).expect(204);
      expect([await closingsOf(personId), await rowsOf(personId), await attempt(member.email)]).toEqual([1, [], 401]);
    };

    it.each([
      ['before anything was left', OwnPlaces, 'leave', 'before'],
      ['after the last place was left', OwnPlaces, 'leave', 'after'],
      ['before AccountClosed was stored', AccountClosings, 'close', 'before'],
    ] as const)('%s, a second call finishes', async (_, target, method, moment) => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const part = server.running.app.get<object>(target);
      failOnce(part, method as never, moment);
      await close(member.api).expect(500);
      restore(part);
      expect(await closingsOf(personId)).toBe(0);
      await finishes(member, personId);
    });

    it('after AccountClosed was stored, nobody signs in, and the sweep removes what is left', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const closings = server.running.app.get(AccountClosings);
      failOnce(closings, 'apply' as never, 'before');
      await close(member.api).expect(500);
      restore(closings);
      expect(await closingsOf(personId)).toBe(1);
      expect(await rowsOf(personId)).toContain('account_credential');
      expect(await attempt(member.email)).toBe(401);
      await server.running.app.get(AccountSweep).run();
      expect(await rowsOf(personId)).toEqual([]);
    });

    it('after AccountClosed was stored, a new account by a link comes first', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const closings = server.running.app.get(AccountClosings);
      failOnce(closings, 'apply' as never, 'before');
      await close(member.api).expect(500);
      restore(closings);
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: OTHER_PASSWORD })
        .expect(200);
      await server.running.app.get(AccountSweep).run();
      expect([await attempt(member.email), await attempt(member.email, OTHER_PASSWORD)]).toEqual([401, 200]);
      expect(await rowsOf(personId)).not.toContain('account_closing');
    });

    it('that left a session open, a second call removes what is left', async () => {
      const member = await observe(server, deployment);
      const personId = await personOf(member.api);
      await acceptedBy(member.api, await invite(server, server.admin, organisation, member.email, 'contributor'));
      await member.api.delete('/v1/me', { password: PASSWORD }).expect(204);
      // As a crash leaves them: the event is stored, and the rows are there.
      const { closingId } = (await logOf(personId)).at(-1)!.data as { closingId: string };
      const { token } = await invite(server, server.admin, organisation, member.email, 'auditor');
      const account = { name: 'Ann', password: OTHER_PASSWORD };
      const { body } = await server.anonymous.post(`/v1/invitations/${token}/accept`, account).expect(200);
      await sql`insert into account_closing (id, closing_id, started_at) values (${personId}, ${closingId}, now())`.execute(
        server.database.kysely(),
      );
      expect(await attempt(member.email, OTHER_PASSWORD)).toBe(401);
      await close(server.signedIn(body.token), 'any password').expect(204);
      expect(await rowsOf(personId)).toEqual([]);
    });

    it('whose closing was never stored, the sweep forgets it, and the account stays', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await personOf(member.api);
      const sweep = server.running.app.get(AccountSweep);
      await server.running.app.get(AccountClosings).begin(personId);
      await sweep.run();
      expect(await rowsOf(personId)).toContain('account_closing');
      await sql`update account_closing set started_at = now() - interval '1 hour' where id = ${personId}`.execute(
        server.database.kysely(),
      );
      await sweep.run();
      expect(await rowsOf(personId)).not.toContain('account_closing');
      await member.api.get('/v1/me').expect(200);
      await close(member.api).expect(204);
    });
  });

  it('leaves no password, name or address in the log of the server', async () => {
    const email = freshEmail('unheard-of');
    const member = await join(server, organisation, 'contributor', email);
    await close(member.api).expect(204);
    const logged = server.logs.join('');
    for (const secret of [PASSWORD, email]) expect(logged).not.toContain(secret);
  });
});
