import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  idle,
  invite,
  invitePatient,
  join,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { TestClock } from '../../support/test-clock.js';
import { ADMIN, PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { reminders } from '../invitations/time-support.js';

const DAY = 86_400_000;

describeOnEngines('changing a pending staff invitation', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, {}, { clock });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
  });
  afterAll(async () => {
    await server.close();
  });

  const change = (by: Api, id: string, body: object) => by.patch(`/v1/staff-invitations/${id}`, body);
  const codeOf = async (answer: PromiseLike<{ status: number; body: { code?: string } }>): Promise<string> => {
    const { status, body } = await answer;
    return body.code === undefined ? String(status) : `${String(status)} ${body.code}`;
  };

  it('gives the role that was changed last, in the link, the lists and the membership', async () => {
    const email = freshEmail('promoted');
    const { id, token } = await invite(server, server.admin, organisation, email, 'contributor');
    const { headers } = await change(server.admin, id, { role: 'organisation-editor' }).expect(200);
    const { body: list } = await server.admin
      .after(headers['event-position']!, `${organisation.path}/staff-invitations?role=organisation-editor`)
      .expect(200);
    expect(list.items).toMatchObject([{ id, role: 'organisation-editor', roleName: 'Organisation Editor' }]);
    await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
    await readModelsCaughtUp(server);
    const { body: staff } = await server.admin.get(`${organisation.path}/staff?q=${email}`).expect(200);
    expect(staff.items).toMatchObject([{ email, role: 'organisation-editor' }]);
  });

  it('needs the right to grant the role before and the role after', async () => {
    const { api } = await join(server, organisation, 'admin');
    const [owner, contributor] = [
      await invite(server, server.admin, organisation, freshEmail('owner'), 'organisation-owner'),
      await invite(server, server.admin, organisation, freshEmail('contributor'), 'contributor'),
    ];
    const before = (await server.events()).length;
    expect([
      await codeOf(change(api, owner.id, { role: 'contributor' })),
      await codeOf(change(api, owner.id, { expiresIn: '24h' })),
      await codeOf(change(api, contributor.id, { role: 'organisation-owner' })),
      await codeOf(change(api, contributor.id, { role: 'support' })),
      await codeOf(change(server.admin, contributor.id, { role: 'support' })),
      await codeOf(change(server.admin, contributor.id, { role: 'no-such-role' })),
    ]).toEqual([
      '403 role-not-grantable',
      '403 role-not-grantable',
      '403 role-not-grantable',
      '403 role-not-grantable',
      '400 role-not-for-scope',
      '400 invalid-input',
    ]);
    expect((await server.events()).length).toBe(before);
    await change(api, contributor.id, { role: 'deployment-staff' }).expect(200);
  });

  it('is unknown to callers of another organisation, of another deployment, and to removed ones', async () => {
    const { id } = await invite(server, server.admin, deployment, freshEmail('hidden'), 'contributor');
    const elsewhere = await createDeployment(server, organisation, 'Elsewhere');
    const removed = await join(server, organisation, 'admin');
    await server.admin.delete(`/v1/staff/${removed.membershipId}`).expect(204);
    const others = [
      (await join(server, await createOrganisation(server), 'organisation-owner')).api,
      (await join(server, elsewhere, 'admin')).api,
    ];
    for (const api of others) expect(await codeOf(change(api, id, { role: 'admin' }))).toBe('404 not-found');
    expect(await codeOf(change(removed.api, id, { role: 'admin' }))).toMatch(/^40[14]/);
    const patient = await invitePatient(server, server.admin, deployment, freshEmail('patient'));
    expect(await codeOf(change(server.admin, patient.id, { role: 'admin' }))).toBe('404 not-found');
  });

  it("is refused for the caller's own invitation", async () => {
    const owner = await join(server, organisation, 'organisation-owner');
    const own = await invite(server, owner.api, deployment, ADMIN.email, 'contributor');
    const patient = await invitePatient(server, (await join(server, deployment, 'admin')).api, deployment, ADMIN.email);
    expect([
      await codeOf(change(server.admin, own.id, { role: 'admin' })),
      await codeOf(server.admin.patch(`/v1/patient-invitations/${patient.id}`, { expiresIn: '1y' })),
    ]).toEqual(['403 own-role', '403 own-enrolment']);
  });

  it('makes the authority of the last who changed it count for the acceptance', async () => {
    const [first, second] = [await join(server, organisation, 'admin'), await join(server, organisation, 'admin')];
    const { id, token } = await invite(server, first.api, organisation, freshEmail('late'), 'contributor');
    await change(second.api, id, { role: 'deployment-staff' }).expect(200);
    await server.admin.delete(`/v1/staff/${second.membershipId}`).expect(204);
    const accept = server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD });
    expect(await codeOf(accept)).toBe('409 inviter-lost-authority');
    await change(first.api, id, { role: 'contributor' }).expect(200);
    await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
  });

  it('moves the reminder with the end, and reminds once', async () => {
    const email = freshEmail('reminded');
    const { id } = await invite(server, server.admin, organisation, email, 'contributor');
    const issued = { id, email, expiresAt: (await server.admin.get(`/v1/staff-invitations/${id}`)).body.expiresAt };
    await idle(server);
    clock.set(issued.expiresAt, -3 * DAY);
    const { body } = await change(server.admin, id, { expiresIn: '7d' }).expect(200);
    clock.set(issued.expiresAt, -2 * DAY);
    await idle(server);
    expect(server.smtp.to(email)).toHaveLength(1);
    clock.set(body.expiresAt, -2 * DAY);
    await idle(server);
    expect(server.smtp.to(email).map(({ subject }) => /^Reminder/.test(subject))).toEqual([false, true]);
    const { body: again } = await change(server.admin, id, { expiresIn: '7d' }).expect(200);
    clock.set(again.expiresAt, -2 * DAY);
    await idle(server);
    expect(server.smtp.to(email)).toHaveLength(2);
    expect((await reminders(server, { id })).sort()).toEqual(['1 dropped', '1 dropped', '1 sent']);
  });
});
