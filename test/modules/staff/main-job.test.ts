import { describeOnEveryEngine } from '../../support/engines.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, join, withPlaceElsewhere } from '../../support/scenarios.js';

describeOnEveryEngine(
  'the main job',
  (engine) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startTestServer(engine);
    });
    afterAll(async () => {
      await server.close();
    });

    it('invites the addresses of a contact list, and the mailed link makes a member who can sign in', async () => {
      const organisation = await createOrganisation(server);
      const emails = [freshEmail('ann'), 'jürgen@köln.example', freshEmail('bob')];
      await server.admin
        .post(`${organisation.path}/staff-invitations`, { emails, role: 'organisation-editor', message: 'Welcome' })
        .expect(201);
      await server.smtp.mailTo(emails[0]!);
      const mail = await server.smtp.mailTo('jürgen@köln.example');
      const accepted = await server.anonymous
        .post(`/v1/invitations/${mail.token}/accept`, { name: 'Jürgen', password: PASSWORD })
        .expect(200);
      const jurgen = await server.signIn('Jürgen@KÖLN.example');
      const staff = await jurgen.after(accepted.headers['event-position']!, `${organisation.path}/staff`).expect(200);
      expect(staff.body.items).toEqual([
        expect.objectContaining({ name: 'Jürgen', role: 'organisation-editor', roleName: 'Organisation Editor' }),
      ]);
    });

    it('lets a change of role and a removal act on the next call', async () => {
      const organisation = await createOrganisation(server);
      await join(server, organisation, 'organisation-owner');
      const editor = await withPlaceElsewhere(server, await join(server, organisation, 'organisation-editor'));
      const call = { emails: [freshEmail()], role: 'contributor' };
      await editor.api.post(`${organisation.path}/staff-invitations`, call).expect(201);
      await server.admin
        .patch(`/v1/staff/${editor.membershipId}`, { role: 'contributor', reason: 'moved on' })
        .expect(200);
      await editor.api.post(`${organisation.path}/staff-invitations`, call).expect(403);
      await server.admin.delete(`/v1/staff/${editor.membershipId}`).expect(204);
      await editor.api.get(organisation.path).expect(404);
    });
  },
  { alsoOnEventStoreDb: true },
);
