import { describeOnOneEngine } from '../../support/engines.js';
import type { ReceivedMail } from '../../support/smtp.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  join,
  joinGroup,
  readModelsCaughtUp,
  idle,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const SEES = 'names, e-mail addresses and dates of birth';
const GRANTS = 'invite others and give roles';

describeOnOneEngine(
  'notices about grants',
  (engine) => {
    let server: TestServer;
    let organisation: Place;
    let deployment: Place;
    let owner: Member;
    let withoutNotices: Member;
    beforeAll(async () => {
      server = await startTestServer(engine, { OWN_EVENTS_PER_HOUR: '0' });
      organisation = await createOrganisation(server);
      deployment = await createDeployment(server, organisation);
      owner = await join(server, organisation, 'organisation-owner', freshEmail('owner'));
      withoutNotices = await join(server, organisation, 'organisation-owner', freshEmail('quiet'));
      await choose(owner, true);
    });
    afterAll(async () => {
      await server.close();
    });

    const choose = async ({ api }: Member, grants: boolean, place = organisation) =>
      api.put(`${place.path}/notices`, { grants }).expect(200).expect({ grants });
    /** The notices to a person, without their invitations. */
    const noticesTo = ({ email }: Member): ReceivedMail[] => server.smtp.to(email).filter(({ token }) => token === '');
    const customRole = async (permissions: string[], place = organisation): Promise<{ id: string; name: string }> =>
      (await server.admin.post(`${place.path}/roles`, { name: freshEmail('Role'), permissions }).expect(201)).body;

    /** The notices that `owner` gets because of the work. The owner without notices must get none. */
    async function told(work: () => Promise<unknown>): Promise<ReceivedMail[]> {
      await idle(server);
      const [before, stillBefore] = [noticesTo(owner).length, noticesTo(withoutNotices).length];
      await work();
      await idle(server);
      expect(noticesTo(withoutNotices)).toHaveLength(stillBefore);
      return noticesTo(owner).slice(before);
    }

    describe('about built-in roles', () => {
      // The columns say whether the role identifies patients and whether it grants roles: docs/domain.md §3.2 and §3.3.
      const table: [string, boolean, boolean][] = [
        ['admin', false, true],
        ['contributor', true, false],
        ['deployment-staff', false, false],
        ['organisation-staff', true, false],
        ['access-controller', false, true],
        ['organisation-editor', false, true],
        ['organisation-owner', false, true],
      ];
      for (const [role, sees, grants] of table) {
        it(`of ${role} are ${sees || grants ? '' : 'not '}sent to an owner after an acceptance and after a change of role`, async () => {
          const email = freshEmail(role);
          const mails = await told(async () => join(server, organisation, role, email));
          const member = await join(
            server,
            organisation,
            role === 'deployment-staff' ? 'contributor' : 'deployment-staff',
          );
          const changed = await told(async () =>
            server.admin.patch(`/v1/staff/${member.membershipId}`, { role }).expect(200),
          );
          for (const some of [mails, changed]) {
            expect(some.map(({ text }) => [text.includes(SEES), text.includes(GRANTS)])).toEqual(
              sees || grants ? [[sees, grants]] : [],
            );
            for (const { headers } of some) expect(headers.has('list-unsubscribe')).toBe(false);
          }
          if (mails[0]) expect(mails[0].subject).toContain(`Name of ${role} now has the role`);
        });
      }
    });

    it('are sent about deployments of the organisation too, and name the scope and the role', async () => {
      const [mail, ...more] = await told(async () => join(server, deployment, 'contributor'));
      expect(more).toEqual([]);
      expect(mail!.text).toContain('Cohort A (Riverside Hospital)');
      expect(mail!.text).toContain('Contributor');
      expect(mail!.text).toContain(SEES);
      expect(mail!.html).toContain('you own Riverside Hospital');
    });

    it('are sent about a second address that an access controller invites to reach patients', async () => {
      const controller = await join(server, organisation, 'access-controller');
      const role = await customRole(['patients.view-identifiers']);
      const mails = await told(async () => join(server, organisation, role.id, freshEmail('second'), controller.api));
      expect(
        mails.map(({ subject, text }) => [
          subject.includes(role.name),
          text.includes(SEES),
          text.includes('Name of access-controller'),
        ]),
      ).toEqual([[true, true, true]]);
    });

    it.each([
      [['patients.view-identifiers']],
      [['staff.manage']],
      [['roles.edit']],
      [['patients.view-identifiers', 'roles.edit']],
      [['patients.manage', 'patients.export']],
    ])('are about the permissions of a custom role with %j', async (permissions) => {
      const role = await customRole(permissions);
      const expected = [
        permissions.includes('patients.view-identifiers'),
        permissions.some((permission) => permission === 'staff.manage' || permission === 'roles.edit'),
      ];
      const mails = await told(async () => join(server, deployment, role.id));
      expect(mails.map(({ text }) => [text.includes(SEES), text.includes(GRANTS)])).toEqual(
        expected.includes(true) ? [expected] : [],
      );
    });

    it('are sent only when a custom role gains permissions or a change of role gives more', async () => {
      const role = await customRole(['patients.view']);
      expect(await told(async () => join(server, organisation, role.id))).toEqual([]);
      const edit = async (permissions: string[]) =>
        told(async () => server.admin.patch(`/v1/roles/${role.id}`, { permissions }).expect(200));
      const [mail, ...more] = await edit(['patients.view', 'patients.view-identifiers']);
      expect([more, mail!.subject.includes(role.name), mail!.text.includes(SEES), mail!.text.includes(GRANTS)]).toEqual(
        [[], true, true, false],
      );
      expect(await edit(['patients.view-identifiers', 'patients.export'])).toEqual([]);
      expect(
        (await edit(['patients.view-identifiers', 'staff.manage'])).map(({ text }) => [
          text.includes(SEES),
          text.includes(GRANTS),
        ]),
      ).toEqual([[false, true]]);
      expect(await edit(['patients.view'])).toEqual([]);
      const moved = await told(async () => server.admin.delete(`/v1/roles/${role.id}?moveTo=contributor`).expect(204));
      expect(moved.map(({ text }) => text.includes(SEES))).toEqual([true]);
      const unused = await customRole(['patients.view-identifiers']);
      expect(await told(async () => server.admin.delete(`/v1/roles/${unused.id}`).expect(204))).toEqual([]);
    });

    it('are sent about a grant that ended before the mail', async () => {
      const role = await customRole(['patients.view-identifiers']);
      const { token } = await invite(server, server.admin, organisation, freshEmail('short'), role.id);
      const mails = await told(async () => {
        const { body } = await server.anonymous
          .post(`/v1/invitations/${token}/accept`, { name: 'Short Stay', password: 'a perfectly fine password' })
          .expect(200);
        await server.admin.delete(`/v1/staff/${String(body.membershipId)}`).expect(204);
      });
      expect(mails.map(({ subject }) => subject.includes('Short Stay'))).toEqual([true]);
    });

    it('are not sent about other organisations, groups, the platform, or losses', async () => {
      const elsewhere = await createOrganisation(server, 'Lakeside');
      const group = await createGroup(server, organisation);
      const contributor = await join(server, organisation, 'contributor');
      expect(
        await told(async () => {
          await join(server, elsewhere, 'contributor');
          await joinGroup(server, group, { administrator: true });
          await join(server, { id: '', path: '/v1/platform' }, 'support');
          await server.admin.patch(`/v1/staff/${contributor.membershipId}`, { role: 'deployment-staff' }).expect(200);
          await server.admin.delete(`/v1/staff/${contributor.membershipId}`).expect(204);
        }),
      ).toEqual([]);
    });

    it('end when an owner switches them off or is no owner any more', async () => {
      const leaving = await join(server, organisation, 'organisation-owner', freshEmail('leaving'));
      await choose(leaving, true);
      const gets = async (): Promise<number> => {
        await idle(server);
        const before = noticesTo(leaving).length;
        await join(server, deployment, 'contributor');
        await idle(server);
        return noticesTo(leaving).length - before;
      };
      expect(await gets()).toBe(1);
      await choose(leaving, false);
      expect(await gets()).toBe(0);
      await choose(leaving, true);
      expect(await gets()).toBe(1);
      await server.admin.delete(`/v1/staff/${leaving.membershipId}`).expect(204);
      expect(await gets()).toBe(0);
    });

    it("are each owner's own choice, per organisation", async () => {
      const elsewhere = await createOrganisation(server, 'Lakeside');
      expect((await owner.api.get(`${organisation.path}/notices`).expect(200)).body).toEqual({ grants: true });
      expect((await withoutNotices.api.get(`${organisation.path}/notices`).expect(200)).body).toEqual({
        grants: false,
      });
      const before = (await server.events()).length;
      await choose(owner, true);
      expect(await server.events()).toHaveLength(before);
      const editor = await join(server, organisation, 'organisation-editor');
      expect((await editor.api.get(`${organisation.path}/notices`).expect(403)).body.code).toBe('forbidden');
      expect((await editor.api.put(`${organisation.path}/notices`, { grants: true }).expect(403)).body.code).toBe(
        'forbidden',
      );
      expect((await owner.api.put(`${organisation.path}/notices`, {}).expect(400)).body.code).toBe('invalid-input');
      expect((await owner.api.get(`${elsewhere.path}/notices`).expect(404)).body.code).toBe('not-found');
      await readModelsCaughtUp(server);
    });
  },
  { alsoOnEventStoreDb: true },
);
