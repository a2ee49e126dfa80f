import type { Response } from 'supertest';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Member, type Place } from '../../support/scenarios.js';

const PLATFORM: Place = { id: '00000000-0000-4000-8000-000000000001', path: '/v1/platform' };
const CSV = Buffer.from('Email\nann@example.org\nnobody\n');

describeOnOneEngine('the staff of the platform', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let support: Member;
  let manager: Member;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    support = await join(server, PLATFORM, 'support');
    manager = await join(server, PLATFORM, 'account-manager');
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterAll(async () => {
    await server.close();
  });

  const refused = async (call: { expect(status: number): PromiseLike<Response> }, status: number, code: string) => {
    expect((await call.expect(status)).body.code).toBe(code);
  };
  const inviting = (role: string, by = server.admin) =>
    by.post('/v1/platform/staff-invitations', { emails: [freshEmail()], role });

  it('is invited, listed, changed and removed by a super-admin, on the routes of all staff', async () => {
    const email = freshEmail('second');
    const { id, token } = await invite(server, server.admin, PLATFORM, email, 'support');
    const one = (await server.admin.get(`/v1/staff-invitations/${id}`).expect(200)).body;
    expect(one).toMatchObject({
      email,
      role: 'support',
      roleName: 'Support',
      state: 'pending',
      scope: { kind: 'platform', id: PLATFORM.id, name: 'Rolecall' },
    });
    expect((await server.admin.get('/v1/platform/staff-invitations?state=pending').expect(200)).body.items).toEqual([
      { ...one, mail: expect.anything() },
    ]);
    await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    await refused(server.anonymous.get(`/v1/invitations/${token}`), 410, 'invitation-superseded');
    const next = (await server.smtp.mailTo(email, 2)).token;
    expect((await server.anonymous.get(`/v1/invitations/${next}`).expect(200)).body).toMatchObject({
      scope: { kind: 'platform' },
      organisation: null,
      role: 'support',
    });
    const { body, headers } = await server.anonymous
      .post(`/v1/invitations/${next}/accept`, { name: 'Second', password: 'a perfectly fine password' })
      .expect(200);
    const staff = (await server.admin.after(headers['event-position']!, '/v1/platform/staff?sort=-since').expect(200))
      .body.items;
    expect(staff[0]).toMatchObject({
      id: body.membershipId,
      name: 'Second',
      email,
      role: 'support',
      scope: { kind: 'platform' },
    });
    expect(staff.map(({ role }: { role: string }) => role)).toEqual([
      'support',
      'account-manager',
      'support',
      'super-admin',
    ]);
    expect(
      (await server.admin.patch(`/v1/staff/${body.membershipId}`, { role: 'account-manager' }).expect(200)).body.role,
    ).toBe('account-manager');
    await refused(server.admin.patch(`/v1/staff/${body.membershipId}`, { role: 'admin' }), 400, 'role-not-for-scope');
    await server.admin.delete(`/v1/staff/${body.membershipId}`).expect(204);
    await refused((await server.signIn(email)).get('/v1/platform/staff'), 403, 'forbidden');
  });

  it('gets only roles of the platform, and only from super-admins', async () => {
    for (const role of ['organisation-owner', 'admin', 'contributor'])
      await refused(inviting(role), 400, 'role-not-for-scope');
    for (const role of ['super-admin', 'support', 'account-manager']) {
      for (const { api } of [support, manager]) await refused(inviting(role, api), 403, 'role-not-grantable');
      await refused(inviting(role, owner.api), 403, 'forbidden');
    }
    await refused(inviting('admin', support.api), 400, 'role-not-for-scope');
    const { id } = await invite(server, server.admin, PLATFORM, freshEmail(), 'account-manager');
    await refused(support.api.post(`/v1/staff-invitations/${id}/resend`, {}), 403, 'role-not-grantable');
    await refused(support.api.delete(`/v1/staff-invitations/${id}`), 403, 'role-not-grantable');
    await refused(support.api.delete(`/v1/staff/${manager.membershipId}`), 403, 'role-not-grantable');
    await refused(
      manager.api.patch(`/v1/staff/${support.membershipId}`, { role: 'account-manager' }),
      403,
      'role-not-grantable',
    );
    await server.admin.delete(`/v1/staff-invitations/${id}`).expect(204);
  });

  it('is seen by platform staff, and not by members of organisations', async () => {
    for (const path of ['/v1/platform/staff', '/v1/platform/staff-invitations']) {
      for (const { api } of [support, manager]) await api.get(path).expect(200);
      await refused(owner.api.get(path), 403, 'forbidden');
    }
    await refused(owner.api.get(`/v1/staff/${support.membershipId}`), 404, 'not-found');
  });

  it('can be previewed from a contact file', async () => {
    const { body } = await server.admin
      .post('/v1/platform/staff-invitations/import')
      .attach('file', CSV, 'contacts.csv')
      .expect(200);
    expect([body.recipients.length, body.problems.length, body.summary.invited]).toEqual([1, 1, 1]);
  });

  it('keeps its last super-admin', async () => {
    const { body } = await server.admin.get('/v1/me').expect(200);
    const first = body.memberships[0].id;
    await refused(server.admin.delete(`/v1/staff/${first}`), 409, 'last-owner');
    await refused(support.api.delete(`/v1/staff/${first}`), 403, 'role-not-grantable');
    const second = await join(server, PLATFORM, 'super-admin');
    await refused(second.api.patch(`/v1/staff/${second.membershipId}`, { role: 'support' }), 403, 'own-role');
    await second.api.patch(`/v1/staff/${first}`, { role: 'support' }).expect(200);
    await refused(second.api.delete(`/v1/staff/${second.membershipId}`), 409, 'last-owner');
    await refused(inviting('support'), 403, 'role-not-grantable');
    await second.api.patch(`/v1/staff/${first}`, { role: 'super-admin' }).expect(200);
    await inviting('support', await server.signIn(ADMIN.email, ADMIN.password)).expect(201);
  });
});
