import type { Response } from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { ADMIN, PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../support/scenarios.js';

const PLATFORM_ROLES = ['super-admin', 'support', 'account-manager'];

/**
 * Attempts to do more than a role allows. every-route-refuses.exhaustive.test.ts has the refusals that follow from the OpenAPI
 * document.
 */
describeOnOneEngine('no caller gets further than their role', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let owner: Member;
  let editor: Member;
  let controller: Member;
  let admin: Member;
  let contributor: Member;

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    owner = await join(server, organisation, 'organisation-owner');
    editor = await join(server, organisation, 'organisation-editor');
    controller = await join(server, organisation, 'access-controller');
    admin = await join(server, organisation, 'admin');
    contributor = await join(server, organisation, 'contributor');
  });
  afterAll(async () => {
    await server.close();
  });

  const inviting = (by: Api, place: Place, role: string, emails = [freshEmail()]) =>
    by.post(`${place.path}/staff-invitations`, { emails, role });
  const changing = (by: Api, member: Member, role: string) => by.patch(`/v1/staff/${member.membershipId}`, { role });
  const removing = (by: Api, member: Member) => by.delete(`/v1/staff/${member.membershipId}`);
  const outcomesOf = ({ body }: Pick<Response, 'body'>): string[] =>
    body.results.map(({ outcome }: { outcome: string }) => outcome);

  async function refused(
    call: { expect(status: number): PromiseLike<Response> },
    status: number,
    code: string,
  ): Promise<void> {
    const { body } = await call.expect(status);
    expect(body.code).toBe(code);
  }

  async function roleOf(member: Member): Promise<string> {
    return (await server.admin.get(`/v1/staff/${member.membershipId}`).expect(200)).body.role;
  }

  describe('by a role in another place', () => {
    let [first, second]: Place[] = [];
    let adminThere: Member;
    let memberElsewhere: Member;
    beforeAll(async () => {
      [first, second] = [
        await createDeployment(server, organisation, 'First'),
        await createDeployment(server, organisation, 'Second'),
      ];
      adminThere = await join(server, first, 'admin');
      memberElsewhere = await join(server, second, 'deployment-staff');
    });

    it('an admin of one deployment may do nothing in another deployment or at the organisation', async () => {
      const pending = await invite(server, owner.api, second!, freshEmail(), 'contributor');
      // The admin sees the organisation, but neither the other deployment nor what is in either.
      for (const [place, status, code] of [
        [second!, 404, 'not-found'],
        [organisation, 403, 'forbidden'],
      ] as const) {
        await refused(inviting(adminThere.api, place, 'contributor'), status, code);
        await refused(adminThere.api.get(`${place.path}/staff`), status, code);
      }
      await refused(changing(adminThere.api, memberElsewhere, 'contributor'), 404, 'not-found');
      await refused(removing(adminThere.api, memberElsewhere), 404, 'not-found');
      await refused(removing(adminThere.api, contributor), 404, 'not-found');
      await refused(adminThere.api.post(`/v1/staff-invitations/${pending.id}/resend`, {}), 404, 'not-found');
      await refused(adminThere.api.delete(`/v1/staff-invitations/${pending.id}`), 404, 'not-found');
      await refused(adminThere.api.get(`/v1/staff-invitations/${pending.id}`), 404, 'not-found');
      await inviting(adminThere.api, first!, 'contributor').expect(201);
    });

    it('a role at the organisation holds in each deployment, and its end holds there too', async () => {
      const everywhere = await join(server, organisation, 'admin');
      await inviting(everywhere.api, second!, 'contributor').expect(201);
      await changing(everywhere.api, memberElsewhere, 'contributor').expect(200);
      await changing(owner.api, everywhere, 'contributor').expect(200);
      await refused(inviting(everywhere.api, second!, 'contributor'), 403, 'forbidden');
    });
  });

  describe('by giving a role above their own', () => {
    it('an editor makes no owner and no editor, by invitation or by change', async () => {
      for (const role of ['organisation-owner', 'organisation-editor', 'auditor', ...PLATFORM_ROLES]) {
        await refused(inviting(editor.api, organisation, role), 403, 'role-not-grantable');
        await refused(changing(editor.api, contributor, role), 403, 'role-not-grantable');
      }
      expect(await roleOf(contributor)).toBe('contributor');
    });

    it('an owner gives no platform role', async () => {
      const deployment = await createDeployment(server, organisation);
      for (const role of PLATFORM_ROLES) {
        await refused(inviting(owner.api, organisation, role), 403, 'role-not-grantable');
        await refused(inviting(owner.api, deployment, role), 403, 'role-not-grantable');
        await refused(changing(owner.api, contributor, role), 403, 'role-not-grantable');
      }
    });

    it('a role that the caller may not give is refused before its place is', async () => {
      const deployment = await createDeployment(server, organisation);
      await refused(inviting(editor.api, deployment, 'organisation-owner'), 403, 'role-not-grantable');
      await refused(inviting(owner.api, deployment, 'organisation-owner'), 400, 'role-not-for-scope');
      await refused(inviting(server.admin, organisation, 'super-admin'), 400, 'role-not-for-scope');
      await refused(changing(server.admin, contributor, 'support'), 400, 'role-not-for-scope');
      const member = await join(server, deployment, 'contributor');
      await refused(changing(owner.api, member, 'organisation-editor'), 400, 'role-not-for-scope');
      await refused(inviting(owner.api, organisation, 'no-such-role'), 400, 'invalid-input');
    });

    it('one role that the caller may not give refuses the whole call, also in a dry run', async () => {
      const emails = [freshEmail(), freshEmail()];
      await refused(inviting(editor.api, organisation, 'organisation-owner', emails), 403, 'role-not-grantable');
      await refused(
        editor.api.post(`${organisation.path}/staff-invitations`, { emails, role: 'organisation-owner', dryRun: true }),
        403,
        'role-not-grantable',
      );
      expect(outcomesOf(await inviting(editor.api, organisation, 'contributor', emails).expect(201))).toEqual([
        'invited',
        'invited',
      ]);
    });

    it('a caller cannot take away a role that they could not give', async () => {
      await refused(removing(controller.api, admin), 403, 'role-not-grantable');
      await refused(changing(controller.api, admin, 'deployment-staff'), 403, 'role-not-grantable');
      await refused(changing(controller.api, contributor, 'deployment-staff'), 403, 'role-not-grantable');
      await refused(removing(editor.api, owner), 403, 'role-not-grantable');
      await refused(changing(admin.api, editor, 'contributor'), 403, 'role-not-grantable');
      expect([await roleOf(admin), await roleOf(owner), await roleOf(editor)]).toEqual([
        'admin',
        'organisation-owner',
        'organisation-editor',
      ]);
    });

    it('a caller cannot resend or revoke an invitation that they could not send', async () => {
      const { id } = await invite(server, owner.api, organisation, freshEmail(), 'admin');
      await refused(controller.api.post(`/v1/staff-invitations/${id}/resend`, {}), 403, 'role-not-grantable');
      await refused(controller.api.delete(`/v1/staff-invitations/${id}`), 403, 'role-not-grantable');
      await refused(contributor.api.post(`/v1/staff-invitations/${id}/resend`, {}), 404, 'not-found');
      await editor.api.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    });
  });

  describe('by an action on themselves', () => {
    it('a caller cannot change their own role, not even to the same role', async () => {
      for (const [member, roles] of [
        [owner, ['organisation-editor', 'organisation-owner']],
        [editor, ['organisation-owner', 'contributor']],
        [contributor, ['admin']],
      ] as const) {
        for (const role of roles) await refused(changing(member.api, member, role), 403, 'own-role');
      }
    });

    it('a caller cannot invite their own address in any spelling', async () => {
      const deployment = await createDeployment(server, organisation);
      const emails = [editor.email, ` ${editor.email.toUpperCase()}`, freshEmail()];
      expect(outcomesOf(await inviting(editor.api, deployment, 'admin', emails).expect(201))).toEqual([
        'not-allowed',
        'duplicate-in-request',
        'invited',
      ]);
      expect(
        outcomesOf(await inviting(server.admin, organisation, 'organisation-owner', [ADMIN.email]).expect(201)),
      ).toEqual(['not-allowed']);
      const atomic = { emails: [editor.email, freshEmail()], role: 'admin', mode: 'atomic' };
      const { body } = await editor.api.post(`${deployment.path}/staff-invitations`, atomic).expect(422);
      expect({ code: body.code, outcomes: outcomesOf({ body }) }).toEqual({
        code: 'atomic-refused',
        outcomes: ['not-allowed', 'invited'],
      });
    });

    it('a member may leave without any permission, and their next call is refused', async () => {
      const member = await withPlaceElsewhere(server, await join(server, organisation, 'auditor'));
      await member.api.delete(`/v1/staff/${member.membershipId}`, { reason: 'moving on' }).expect(204);
      await member.api.get('/v1/me').expect(200);
      await refused(member.api.delete(`/v1/staff/${member.membershipId}`), 404, 'not-found');
      await refused(changing(owner.api, member, 'contributor'), 404, 'not-found');
    });

    it('a member cannot leave an archived place', async () => {
      const closed = await createOrganisation(server);
      const member = await join(server, closed, 'contributor');
      await server.admin.post(`${closed.path}/archive`).expect(200);
      await refused(removing(member.api, member), 409, 'scope-archived');
    });

    it('nobody can remove or demote the last owner, and that owner cannot leave', async () => {
      const place = await createOrganisation(server);
      const last = await join(server, place, 'organisation-owner');
      await refused(removing(last.api, last), 409, 'last-owner');
      await refused(removing(server.admin, last), 409, 'last-owner');
      await refused(changing(server.admin, last, 'contributor'), 409, 'last-owner');
      const second = await join(server, place, 'organisation-owner', freshEmail(), last.api);
      await removing(last.api, last).expect(204);
      await refused(removing(second.api, second), 409, 'last-owner');
    });

    it('one of two owners who demote each other at the same moment stays owner', async () => {
      const place = await createOrganisation(server);
      const [a, b] = [await join(server, place, 'organisation-owner'), await join(server, place, 'organisation-owner')];
      const answers = await Promise.all([changing(a.api, b, 'contributor'), changing(b.api, a, 'contributor')]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      // A contributor sees no staff, so the answer may be 404.
      expect(['last-owner', 'forbidden', 'role-not-grantable', 'not-found']).toContain(
        answers.find(({ status }) => status !== 200)!.body.code,
      );
      expect([await roleOf(a), await roleOf(b)].sort()).toEqual(['contributor', 'organisation-owner']);
    });
  });

  describe('by the time of their calls', () => {
    it("a removed member's next call is refused, and a new member's first call is allowed", async () => {
      for (let round = 0; round < 3; round++) {
        const email = freshEmail();
        const { token } = await invite(server, owner.api, organisation, email, 'organisation-editor');
        const { body } = await server.anonymous
          .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD })
          .expect(200);
        const { api } = await withPlaceElsewhere(server, { email, api: await server.signIn(email) });
        await inviting(api, organisation, 'contributor').expect(201);
        await owner.api.delete(`/v1/staff/${body.membershipId}`).expect(204);
        const { status } = await inviting(api, organisation, 'contributor');
        expect([403, 404]).toContain(status);
      }
    });

    it('a change of role acts on the next call', async () => {
      const member = await join(server, organisation, 'contributor');
      await refused(inviting(member.api, organisation, 'contributor'), 403, 'forbidden');
      await changing(owner.api, member, 'access-controller').expect(200);
      await inviting(member.api, organisation, 'deployment-staff').expect(201);
      await changing(owner.api, member, 'contributor').expect(200);
      await refused(inviting(member.api, organisation, 'deployment-staff'), 403, 'forbidden');
    });

    it.each(['removed', 'demoted'])('an invitation cannot be accepted once its inviter is %s', async (fate) => {
      const inviter = await join(server, organisation, 'admin');
      const email = freshEmail();
      const { id, token } = await invite(server, inviter.api, organisation, email, 'access-controller');
      await (fate === 'removed'
        ? removing(owner.api, inviter).expect(204)
        : changing(owner.api, inviter, 'contributor').expect(200));
      const accepting = (link: string) =>
        server.anonymous.post(`/v1/invitations/${link}/accept`, { name: 'Ann', password: PASSWORD });
      await refused(accepting(token), 409, 'inviter-lost-authority');
      expect((await owner.api.get(`/v1/staff-invitations/${id}`).expect(200)).body.state).toBe('pending');
      await server.anonymous.post('/v1/auth/sign-in/email', { email, password: PASSWORD }).expect(401);
      await owner.api.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
      await refused(accepting(token), 410, 'invitation-superseded');
      await accepting((await server.smtp.mailTo(email, 2)).token).expect(200);
      await inviting(await server.signIn(email), organisation, 'deployment-staff').expect(201);
    });

    it('an inviter whose new role gives less has lost the authority for what they offered', async () => {
      const inviter = await join(server, organisation, 'admin');
      const { token } = await invite(server, inviter.api, organisation, freshEmail(), 'contributor');
      await changing(owner.api, inviter, 'access-controller').expect(200);
      await refused(
        server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }),
        409,
        'inviter-lost-authority',
      );
      await changing(owner.api, inviter, 'admin').expect(200);
      await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
    });
  });

  it('an owner cannot restore what they archived', async () => {
    const place = await createOrganisation(server);
    const { api } = await join(server, place, 'organisation-owner');
    const deployment = await createDeployment(server, place);
    await api.post(`${deployment.path}/archive`).expect(200);
    await refused(api.post(`${deployment.path}/restore`), 403, 'forbidden');
    await api.post(`${place.path}/archive`).expect(200);
    await refused(api.post(`${place.path}/restore`), 403, 'forbidden');
    await server.admin.post(`${place.path}/restore`).expect(200);
    await server.admin.post(`${deployment.path}/restore`).expect(200);
    await inviting(api, deployment, 'contributor').expect(201);
  });
});
