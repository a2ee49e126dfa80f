import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invitePatient,
  join,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { Visitor } from '../portal/portal-support.js';

const REASON = 'Moved to another hospital';
const PSEUDONYM = /^P-[0-9A-HJKMNP-TV-Z]{12}$/;

describeOnOneEngine('patients', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  /** Manages patients and may not identify them. */
  let manager: Member;
  /** May identify patients and does not manage them. */
  let contributor: Member;

  beforeAll(async () => {
    server = await startTestServer(engine, {
      APP_STORE_URL: 'https://apps.example/ours',
      APP_LINK: 'https://open.example/?to={url}',
    });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    manager = await join(server, deployment, 'deployment-staff');
    contributor = await join(server, deployment, 'contributor');
  });
  afterAll(async () => {
    await server.close();
  });

  async function refused(
    call: { expect(status: number): PromiseLike<{ body: { code: string } }> },
    status: number,
    code: string,
  ): Promise<void> {
    expect((await call.expect(status)).body.code).toBe(code);
  }
  async function listed(query: string, by: Api, place = deployment) {
    await readModelsCaughtUp(server);
    return (await by.get(`${place.path}/patients${query}`).expect(200)).body.items;
  }
  const offboarding = (by: Api, { membershipId }: Member, reason = REASON) =>
    by.post(`/v1/patients/${membershipId}/offboard`, { reason });
  const reactivating = (by: Api, { membershipId }: Member) => by.post(`/v1/patients/${membershipId}/reactivate`, {});

  describe('are invited', () => {
    const inviting = (by: Api) =>
      by.post(`${deployment.path}/patient-invitations`, { emails: [freshEmail('patient')] });

    it('by callers who may manage patients there, by a built-in or a custom role', async () => {
      await inviting(manager.api).expect(201);
      for (const role of ['contributor', 'access-controller', 'organisation-staff'])
        await refused(inviting((await join(server, deployment, role)).api), 403, 'forbidden');
      const { id } = (
        await server.admin
          .post(`${organisation.path}/roles`, { name: 'Enroller', permissions: ['patients.manage'] })
          .expect(201)
      ).body;
      await inviting((await join(server, deployment, id)).api).expect(201);
      await inviting((await join(server, organisation, 'admin')).api).expect(201);
    });

    it('by a mail that leads first to the app of the deployment or the installation, then to the account', async () => {
      const email = freshEmail('patient');
      const { token } = await invitePatient(server, manager.api, deployment, email);
      const { text } = server.smtp.to(email)[0]!;
      const url = `${server.url}/invitations/${token}`;
      expect(text.indexOf('https://apps.example/ours')).toBeGreaterThan(0);
      expect(text.indexOf('https://apps.example/ours')).toBeLessThan(
        text.indexOf(`https://open.example/?to=${encodeURIComponent(url)}`),
      );
      expect(text).toContain(`\n${url}\n`);
      expect(text).not.toContain('Google Play');
      // The page links the app again, for a person who skipped the first step.
      const visitor = new Visitor(server.url);
      await visitor.submit(`/invitations/${token}/accept`, { name: 'New Patient', password: PASSWORD });
      const welcome = await visitor.get(`/invitations/${token}/welcome`);
      expect([welcome.text.includes('href="https://apps.example/ours"'), welcome.text.includes('Google Play')]).toEqual(
        [true, false],
      );
      const own = await createDeployment(server, organisation, 'With an app');
      await server.admin
        .patch(own.path, { appStoreUrl: 'https://apps.example/own', playStoreUrl: 'https://play.example/own' })
        .expect(200);
      const other = freshEmail('patient');
      await invitePatient(server, server.admin, own, other);
      const mail = server.smtp.to(other)[0]!.text;
      expect([
        mail.includes('https://apps.example/own'),
        mail.includes('https://play.example/own'),
        mail.includes('apps.example/ours'),
      ]).toEqual([true, true, false]);
    });

    it('and their address is shown to the inviter and to callers who may identify patients', async () => {
      const email = freshEmail('hidden');
      const { id } = await invitePatient(server, manager.api, deployment, email);
      const other = await join(server, deployment, 'deployment-staff');
      await readModelsCaughtUp(server);
      const invitations = async (by: Api) =>
        (await by.get(`${deployment.path}/patient-invitations?limit=200`).expect(200)).body.items as {
          id: string;
          invitedAt: string;
          email?: string;
          pseudonym?: string;
        }[];
      const { invitedAt } = (await invitations(contributor.api)).find((item) => item.id === id)!;
      const inListFor = async (by: Api) => (await invitations(by)).find((item) => item.invitedAt === invitedAt)!;
      const emailInListFor = async (by: Api) => (await inListFor(by)).email;
      // Each caller uses the id that they see, which is an alias for callers who may not identify the person.
      const shownTo = async (by: Api) =>
        (await by.get(`/v1/patient-invitations/${(await inListFor(by)).id}`).expect(200)).body;
      const emailFor = async (by: Api) => (await shownTo(by)).email;
      const alias = (await inListFor(other.api)).id;
      // Another person resends the invitation, and still does not learn the address.
      await refused(other.api.post(`/v1/patient-invitations/${id}/resend`, {}), 404, 'not-found');
      expect((await other.api.post(`/v1/patient-invitations/${alias}/resend`, {}).expect(200)).body).toMatchObject({
        id: alias,
        issue: 2,
        invitedBy: { name: 'Name of deployment-staff' },
      });
      for (const by of [manager, contributor])
        await refused(by.api.get(`/v1/patient-invitations/${alias}`), 404, 'not-found');
      for (const see of [emailFor, emailInListFor]) {
        expect([await see(manager.api), await see(contributor.api), await see(other.api)]).toEqual([
          email,
          email,
          undefined,
        ]);
      }
      const pseudonymFor = async (by: Api) => (await shownTo(by)).pseudonym;
      expect([await pseudonymFor(manager.api), await pseudonymFor(other.api)]).toEqual([
        undefined,
        expect.stringMatching(PSEUDONYM),
      ]);
      const { token } = await server.smtp.mailTo(email, 2);
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Hidden', password: PASSWORD })
        .expect(200);
      await readModelsCaughtUp(server);
      // The inviter no longer sees the address, because with the list of patients it would identify the patient.
      for (const see of [emailFor, emailInListFor])
        expect([await see(manager.api), await see(contributor.api)]).toEqual([undefined, email]);
      await refused(manager.api.get(`/v1/patient-invitations/${id}`), 404, 'not-found');
      for (const query of ['?q=hidden', '?sort=email', '?sort=-email']) {
        await refused(other.api.get(`${deployment.path}/patient-invitations${query}`), 403, 'forbidden');
        await contributor.api.get(`${deployment.path}/patient-invitations${query}`).expect(200);
      }
    });
  });

  describe('are listed', () => {
    it('by name for callers who may identify patients, by a pseudonym for others', async () => {
      const place = await createDeployment(server, organisation, 'List');
      const [sees, manages] = [await join(server, place, 'contributor'), await join(server, place, 'deployment-staff')];
      const patient = await enrol(server, place);
      const [seen] = await listed('', sees.api, place);
      expect(seen).toEqual({
        id: patient.membershipId,
        personId: expect.any(String),
        pseudonym: expect.stringMatching(PSEUDONYM),
        name: 'Name of patient',
        email: patient.email,
        status: 'active',
        scope: { kind: 'deployment', id: place.id, name: 'List' },
        since: expect.any(String),
      });
      const { name: _, email: __, id, personId, pseudonym, ...anonymous } = seen;
      const [hidden] = await listed('', manages.api, place);
      expect(hidden).toEqual({
        ...anonymous,
        id: expect.any(String),
        personId: expect.any(String),
        pseudonym: expect.stringMatching(PSEUDONYM),
      });
      // The two readers see different ids and pseudonyms, because only one of them may identify people.
      expect(new Set([id, personId, pseudonym, hidden.id, hidden.personId, hidden.pseudonym]).size).toBe(6);
      expect((await manages.api.get(`/v1/patients/${hidden.id}`).expect(200)).body).toEqual(hidden);
      await refused(manages.api.get(`/v1/patients/${patient.membershipId}`), 404, 'not-found');
      await refused(sees.api.get(`/v1/patients/${hidden.id}`), 404, 'not-found');
      expect((await patient.api.get(`/v1/patients/${patient.membershipId}`).expect(200)).body).toMatchObject({
        id,
        personId,
        name: 'Name of patient',
      });
      for (const query of ['?q=name', '?sort=name', '?sort=-email'])
        await refused(manages.api.get(`${place.path}/patients${query}`), 403, 'forbidden');
      expect(await listed('?q=NAME%20OF', sees.api, place)).toHaveLength(1);
      expect(await listed('?q=nobody', sees.api, place)).toEqual([]);
    });

    it('by their status, which may be an invitation', async () => {
      const place = await createDeployment(server, organisation, 'By status');
      const [active, gone, over] = [await enrol(server, place), await enrol(server, place), await enrol(server, place)];
      const { id } = await invitePatient(server, server.admin, place, freshEmail('pending'));
      const revoked = await invitePatient(server, server.admin, place, freshEmail('revoked'));
      await server.admin.delete(`/v1/patient-invitations/${revoked.id}`).expect(204);
      await offboarding(server.admin, over).expect(200);
      await server.admin.delete(`/v1/patients/${gone.membershipId}`, { reason: 'By mistake' }).expect(204);
      const ids = async (query: string) =>
        (await listed(query, server.admin, place)).map((item: { id: string }) => item.id);
      expect([await ids('?status=active'), await ids('?status=offboarded')]).toEqual([
        [active.membershipId],
        [over.membershipId],
      ]);
      expect((await ids('')).sort()).toEqual([active.membershipId, over.membershipId].sort());
      expect(await listed('?status=pending', server.admin, place)).toHaveLength(1);
      const { body } = await server.admin.get(`/v1/patient-invitations/${id}`).expect(200);
      expect([body.state, 'role' in body, body.scope.id]).toEqual(['pending', false, place.id]);
    });
  });

  describe('are offboarded', () => {
    it('with a reason that they can read, and reach nothing there until they are reactivated', async () => {
      const patient = await enrol(server, deployment);
      await patient.api.get(deployment.path).expect(200);
      await refused(patient.api.get(`${deployment.path}/patients`), 403, 'forbidden');
      await patient.api.get(organisation.path).expect(200);
      for (const under of ['staff', 'deployments', 'groups', 'roles'])
        await refused(patient.api.get(`${organisation.path}/${under}`), 403, 'forbidden');

      const before = server.smtp.to(patient.email).length;
      expect((await offboarding(contributor.api, patient).expect(200)).body).toMatchObject({
        status: 'offboarded',
        reason: REASON,
        offboardedAt: expect.any(String),
      });
      const told = await server.smtp.mailTo(patient.email, before + 1);
      expect([told.subject, told.text.includes(REASON)]).toEqual([
        'Your participation in Cohort A (Riverside Hospital) has ended',
        false,
      ]);

      const again = await server.signIn(patient.email);
      for (const api of [patient.api, again]) {
        for (const path of ['', '/patients', '/staff', '/staff-invitations', '/patient-invitations', '/roles'])
          await refused(api.get(`${deployment.path}${path}`), 403, 'offboarded');
        await refused(
          api.post(`${deployment.path}/patient-invitations`, { emails: [freshEmail()] }),
          403,
          'offboarded',
        );
        await refused(api.get(`/v1/patients/${patient.membershipId}`), 403, 'offboarded');
      }
      await readModelsCaughtUp(server);
      expect((await again.get('/v1/me').expect(200)).body.enrolments).toEqual([
        {
          id: patient.membershipId,
          scope: { kind: 'deployment', id: deployment.id, name: 'Cohort A' },
          status: 'offboarded',
          since: expect.any(String),
          reason: REASON,
        },
      ]);
      const { body } = await server.admin
        .post(`${deployment.path}/patient-invitations`, { emails: [patient.email] })
        .expect(201);
      expect(body.results[0].outcome).toBe('already-member');

      await refused(reactivating(contributor.api, patient), 403, 'forbidden');
      const hidden = { ...patient, membershipId: (await listed('?status=offboarded', manager.api))[0].id };
      await refused(reactivating(manager.api, patient), 404, 'not-found');
      expect((await reactivating(manager.api, hidden).expect(200)).body).toMatchObject({
        id: hidden.membershipId,
        status: 'active',
      });
      expect((await server.smtp.mailTo(patient.email, before + 2)).subject).toBe(
        'You take part in Cohort A (Riverside Hospital) again',
      );
      await again.get(deployment.path).expect(200);
    });

    it('by authorised callers with a reason, and not by the patient or a stranger', async () => {
      const patient = await enrol(server, deployment);
      const stranger = await join(server, await createOrganisation(server, 'Elsewhere'), 'admin');
      await refused(offboarding(patient.api, patient), 403, 'forbidden');
      await refused(offboarding(stranger.api, patient), 404, 'not-found');
      for (const reason of ['', ' \n', 'x'.repeat(1001)])
        await refused(offboarding(manager.api, patient, reason), 400, 'invalid-input');
      const controller = await join(server, deployment, 'access-controller');
      await refused(offboarding(controller.api, patient), 404, 'not-found');
    });

    it('once by a repeated call, with one mail', async () => {
      const patient = await enrol(server, deployment);
      const before = server.smtp.to(patient.email).length;
      await offboarding(contributor.api, patient).expect(200);
      await offboarding(contributor.api, patient, 'Another reason').expect(200);
      await server.smtp.mailTo(patient.email, before + 1);
      expect((await contributor.api.get(`/v1/patients/${patient.membershipId}`).expect(200)).body.reason).toBe(REASON);
      await reactivating(server.admin, patient).expect(200);
      const mails = async () => (
        await server.smtp.mailTo(patient.email, before + 2),
        server.smtp
          .to(patient.email)
          .slice(before)
          .map(({ subject }) => subject.split(' ')[1])
      );
      expect(await mails()).toEqual(['participation', 'take']);
    });
  });

  it('can leave, and can be invited again then', async () => {
    const patient = await withPlaceElsewhere(server, await enrol(server, deployment));
    await patient.api.delete(`/v1/patients/${patient.membershipId}`, {}).expect(204);
    await refused(patient.api.get(deployment.path), 404, 'not-found');
    await refused(server.admin.get(`/v1/patients/${patient.membershipId}`), 404, 'not-found');
    const { body } = await server.admin
      .post(`${deployment.path}/patient-invitations`, { emails: [patient.email] })
      .expect(201);
    expect(body.results[0].outcome).toBe('invited');
  });

  it("can't leave while they are offboarded, because they could come back without being reactivated", async () => {
    const patient = await enrol(server, deployment);
    await offboarding(contributor.api, patient).expect(200);
    await refused(patient.api.delete(`/v1/patients/${patient.membershipId}`, {}), 403, 'offboarded');
    expect((await contributor.api.get(`/v1/patients/${patient.membershipId}`).expect(200)).body).toMatchObject({
      status: 'offboarded',
      reason: REASON,
    });
    await server.admin.delete(`/v1/patients/${patient.membershipId}`, {}).expect(204);
  });

  it('are no staff, but one person may be both', async () => {
    const both = await enrol(server, deployment);
    await refused(both.api.get(`${deployment.path}/staff`), 403, 'forbidden');
    const { token } = await (async () => {
      const before = server.smtp.to(both.email).length;
      await server.admin
        .post(`${deployment.path}/staff-invitations`, { emails: [both.email], role: 'admin' })
        .expect(201);
      return server.smtp.mailTo(both.email, before + 1);
    })();
    await both.api.post(`/v1/invitations/${token}/accept`).expect(200);
    await both.api.get(`${deployment.path}/staff`).expect(200);
    await offboarding(contributor.api, both).expect(200);
    // The role still holds, because it does not depend on the enrolment.
    await both.api.get(`${deployment.path}/staff`).expect(200);
  });

  it('who are also staff can leave, and cannot change their own enrolment by staff permissions', async () => {
    const own = await createDeployment(server, organisation, 'Own');
    const member = await join(server, own, 'admin');
    const { token } = await invitePatient(server, server.admin, own, member.email);
    const { membershipId } = (await member.api.post(`/v1/invitations/${token}/accept`).expect(200)).body as {
      membershipId: string;
    };
    const self = { ...member, membershipId };
    await refused(offboarding(member.api, self), 403, 'own-enrolment');
    await server.admin.post(`/v1/patients/${membershipId}/offboard`, { reason: REASON }).expect(200);
    await refused(reactivating(member.api, self), 403, 'own-enrolment');
    await refused(member.api.delete(`/v1/patients/${membershipId}`), 403, 'offboarded');
    await server.admin.post(`/v1/patients/${membershipId}/reactivate`, {}).expect(200);
    await member.api.delete(`/v1/patients/${membershipId}`).expect(204);
    expect(
      (await server.events())
        .filter(({ stream }) => stream === `patient-${membershipId}`)
        .map(({ type }) => type)
        .at(-1),
    ).toBe('PatientLeft');
  });
});
