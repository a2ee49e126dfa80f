import { randomUUID } from 'node:crypto';
import { EventStore, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../../support/engines.js';
import { beforeOnce, restore } from '../../support/injected-failure.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  idle,
  invite,
  join,
  observe,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';

const NEW_PASSWORD = 'another fine password';
const RESET_LINK = /\/password-reset\/([A-Za-z0-9_-]{51})/;

describeOnEngines("an administrator's help with an account", (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterEach(() => {
    restore(server.running.app.get(EventStore));
  });
  afterAll(async () => {
    await server.close();
  });

  const reset = (by: Api, membershipId: string, body: object = {}) =>
    by.post(`/v1/staff/${membershipId}/password-reset`, body);
  const endSessions = (by: Api, membershipId: string) => by.delete(`/v1/staff/${membershipId}/sessions`);
  const attempt = async (email: string, password = PASSWORD): Promise<number> =>
    (await server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status;
  const personOf = async (api: Api): Promise<string> => (await api.get('/v1/me').expect(200)).body.personId;
  const requestsFor = async (personId: string): Promise<StoredEvent[]> =>
    (await server.events()).filter(
      ({ stream, type }) => stream === `person-${personId}` && type === 'PasswordResetRequested',
    );
  const endsOf = async (personId: string): Promise<StoredEvent[]> => {
    const log = await server.events();
    const streams = log
      .filter(({ type, data }) => type === 'SessionStarted' && data['personId'] === personId)
      .map(({ stream }) => stream);
    return log.filter(({ type, stream }) => type === 'SessionEnded' && streams.includes(stream));
  };
  /** Both calls are refused alike, the member stays signed in, and nothing is stored or mailed about them. */
  async function expectRefused(by: Api, member: Member, status: number, code: string): Promise<void> {
    const personId = await personOf(member.api);
    for (const call of [reset(by, member.membershipId), endSessions(by, member.membershipId)]) {
      const answer = await call;
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
    await member.api.get('/v1/me').expect(200);
    expect([await requestsFor(personId), await endsOf(personId)]).toEqual([[], []]);
  }

  it('mails the member a link, by which they alone choose a password', async () => {
    const member = await join(server, organisation, 'contributor');
    const personId = await personOf(member.api);
    const { body, headers } = await reset(owner.api, member.membershipId, { locale: 'de' }).expect(202);
    expect([body, headers['event-position']]).toEqual([{ status: 'requested' }, expect.any(String)]);
    await member.api.get('/v1/me').expect(200);
    expect(await attempt(member.email)).toBe(200);
    await idle(server);
    const mail = server.smtp.to(member.email).at(-1)!;
    expect(mail.text).toContain('Neues Passwort');
    const [, token] = RESET_LINK.exec(mail.text)!;
    await server.anonymous.post(`/v1/auth/password-reset/${token!}`, { password: NEW_PASSWORD }).expect(204);
    expect([await attempt(member.email), await attempt(member.email, NEW_PASSWORD)]).toEqual([401, 200]);
    expect((await requestsFor(personId)).map(({ metadata }) => metadata.actor)).toEqual([await personOf(owner.api)]);
    expect(server.logs.join('')).not.toContain(token!);
    expect(JSON.stringify(body)).not.toContain(token!);
  });

  it('ends all sessions of the member, who signs in again', async () => {
    const member = await join(server, organisation, 'contributor');
    const personId = await personOf(member.api);
    const other = await server.signIn(member.email);
    await endSessions(owner.api, member.membershipId).expect(204);
    for (const api of [member.api, other]) await api.get('/v1/me').expect(401);
    await owner.api.get('/v1/me').expect(200);
    const actor = await personOf(owner.api);
    const ends = await endsOf(personId);
    expect(ends.map(({ data, metadata }) => [data['how'], metadata.actor])).toEqual([
      ['ended-by-administrator', actor],
      ['ended-by-administrator', actor],
    ]);
    await endSessions(owner.api, member.membershipId).expect(204);
    expect(await endsOf(personId)).toHaveLength(2);
    await server.signIn(member.email);
  });

  it('is repeated with an Idempotency-Key without a second mail', async () => {
    const member = await join(server, organisation, 'contributor');
    const key = randomUUID();
    for (let n = 0; n < 2; n += 1) await reset(owner.api, member.membershipId).set('Idempotency-Key', key).expect(202);
    expect(await requestsFor(await personOf(member.api))).toHaveLength(1);
  });

  describe('is given by those who could remove the member', () => {
    it.each([
      ['admin', 'contributor'],
      ['access-controller', 'deployment-staff'],
      ['organisation-editor', 'admin'],
      ['organisation-owner', 'organisation-editor'],
    ])('%s to %s', async (role, helped) => {
      const [helper, member] = [await join(server, organisation, role), await join(server, organisation, helped)];
      await reset(helper.api, member.membershipId).expect(202);
      await endSessions(helper.api, member.membershipId).expect(204);
    });

    it.each([
      ['access-controller', 'contributor'],
      ['organisation-editor', 'organisation-owner'],
      ['admin', 'organisation-editor'],
    ])('not by %s to %s', async (role, helped) => {
      const [helper, member] = [await join(server, organisation, role), await join(server, organisation, helped)];
      await expectRefused(helper.api, member, 403, 'role-not-grantable');
    });

    it('not by a reader of staff, nor by a member who may not see staff', async () => {
      const member = await join(server, organisation, 'contributor');
      await expectRefused((await join(server, organisation, 'organisation-staff')).api, member, 403, 'forbidden');
      await expectRefused((await join(server, organisation, 'contributor')).api, member, 404, 'not-found');
      await expectRefused((await join(server, organisation, 'auditor')).api, member, 404, 'not-found');
    });

    it('not by an owner of another organisation, nor by an admin of another deployment', async () => {
      const member = await join(server, deployment, 'contributor');
      const elsewhere = await createOrganisation(server, 'Elsewhere');
      await expectRefused((await join(server, elsewhere, 'organisation-owner')).api, member, 404, 'not-found');
      const second = await createDeployment(server, organisation, 'Second');
      await expectRefused((await join(server, second, 'admin')).api, member, 404, 'not-found');
      await expectRefused((await enrol(server, deployment)).api, member, 404, 'not-found');
      await expectRefused((await observe(server, deployment)).api, member, 404, 'not-found');
    });

    it('also when the member holds places elsewhere, and then by either side for its own membership', async () => {
      const elsewhere = await createOrganisation(server, 'Elsewhere');
      const other = await join(server, elsewhere, 'organisation-owner');
      const member = await join(server, organisation, 'contributor');
      const { token } = await invite(server, server.admin, elsewhere, member.email, 'contributor');
      const { body } = await member.api.post(`/v1/invitations/${token}/accept`).expect(200);
      await expectRefused(other.api, member, 404, 'not-found');
      await expectRefused(owner.api, { ...member, membershipId: body.membershipId }, 404, 'not-found');
      await reset(other.api, body.membershipId).expect(202);
      await reset(owner.api, member.membershipId).expect(202);
    });

    it('not to themselves, who have routes of their own', async () => {
      await expectRefused(owner.api, owner, 403, 'forbidden');
    });

    it('not in an archived place', async () => {
      const place = await createOrganisation(server);
      const [helper, member] = [
        await join(server, place, 'organisation-owner'),
        await join(server, place, 'contributor'),
      ];
      await server.admin.post(`${place.path}/archive`).expect(200);
      await expectRefused(helper.api, member, 409, 'scope-archived');
    });

    it('not without a session', async () => {
      const member = await join(server, organisation, 'contributor');
      await expectRefused(server.anonymous, member, 401, 'unauthenticated');
    });
  });

  describe('is given to platform staff by super-admins alone', () => {
    const joinPlatform = async (role: string): Promise<Member> => join(server, { id: '', path: '/v1/platform' }, role);

    it('on their membership of the platform', async () => {
      const [support, helped] = [await joinPlatform('support'), await joinPlatform('account-manager')];
      await expectRefused(support.api, helped, 403, 'role-not-grantable');
      await expectRefused(owner.api, helped, 404, 'not-found');
      await reset(server.admin, helped.membershipId).expect(202);
      await endSessions(server.admin, helped.membershipId).expect(204);
    });

    it('also on their membership of an organisation', async () => {
      const support = await joinPlatform('support');
      const helper = await joinPlatform('support');
      const { token } = await invite(server, owner.api, organisation, support.email, 'contributor');
      const { body } = await support.api.post(`/v1/invitations/${token}/accept`).expect(200);
      const member = { ...support, membershipId: body.membershipId };
      await expectRefused(owner.api, member, 403, 'forbidden');
      await expectRefused(helper.api, member, 403, 'forbidden');
      await reset(server.admin, member.membershipId).expect(202);
    });
  });

  describe('is not given by guessing', () => {
    it.each([
      ['an unknown id', async () => Promise.resolve(randomUUID())],
      ['the id of a patient', async () => (await enrol(server, deployment)).membershipId],
      ['the id of an observer', async () => (await observe(server, deployment)).membershipId],
      ['a personId', async () => personOf((await join(server, organisation, 'contributor')).api)],
    ])('%s', async (_, guess) => {
      const id = await guess();
      for (const by of [owner.api, server.admin])
        for (const call of [reset(by, id), endSessions(by, id)])
          expect((await call.expect(404)).body.code).toBe('not-found');
    });

    it('to a former member', async () => {
      const member = await withPlaceElsewhere(server, await join(server, organisation, 'contributor'));
      await server.admin.delete(`/v1/staff/${member.membershipId}`).expect(204);
      await expectRefused(owner.api, member, 404, 'not-found');
    });

    it('with a password in the call', async () => {
      const member = await join(server, organisation, 'contributor');
      await reset(owner.api, member.membershipId, { password: NEW_PASSWORD }).expect(400);
      expect(await attempt(member.email, NEW_PASSWORD)).toBe(401);
    });
  });

  it.each(['PasswordResetRequested', 'SessionEnded'])(
    'ends when the administrator is removed in flight, before %s is stored',
    async (type) => {
      const store = server.running.app.get(EventStore);
      if (!store.supportsAppendConditions) return;
      const helper = await withPlaceElsewhere(server, await join(server, organisation, 'admin'));
      const member = await join(server, organisation, 'contributor');
      beforeOnce(
        store,
        'appendMany',
        async () => server.admin.delete(`/v1/staff/${helper.membershipId}`).expect(204),
        (appends) => JSON.stringify(appends).includes(`"${type}"`),
      );
      const call = type === 'SessionEnded' ? endSessions : reset;
      expect((await call(helper.api, member.membershipId).expect(404)).body.code).toBe('not-found');
      const personId = await personOf(member.api);
      expect([await requestsFor(personId), await endsOf(personId)]).toEqual([[], []]);
    },
  );

  it('is limited in an hour, for the member and for the administrator', async () => {
    const helper = await join(server, organisation, 'admin');
    const member = await join(server, organisation, 'contributor');
    for (let n = 0; n < 5; n += 1) await reset(helper.api, member.membershipId).expect(202);
    const { body, headers } = await reset(owner.api, member.membershipId).expect(429);
    expect([body.code, Number(headers['retry-after']) > 0]).toEqual(['too-many-requests', true]);
    await endSessions(helper.api, member.membershipId).expect(204);
    const others = [];
    for (let n = 0; n < 6; n += 1) others.push(await join(server, organisation, 'contributor'));
    const statuses = [];
    for (let n = 0; n < 26; n += 1)
      statuses.push((await reset(helper.api, others[Math.floor(n / 5)]!.membershipId)).status);
    expect(statuses).toEqual([...Array<number>(25).fill(202), 429]);
    expect(await requestsFor(await personOf(await server.signIn(member.email)))).toHaveLength(5);
  });
});
