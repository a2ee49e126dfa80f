import type { Response } from 'supertest';
import { CLINICAL_PERMISSIONS } from '../../../src/modules/access/permissions.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';

interface RoleView {
  id: string;
  name: string;
  custom: boolean;
  permissions: string[];
  definedAt: { kind: string; id: string } | null;
  grantable: boolean;
}

describeOnOneEngine('custom roles', (engine) => {
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
  afterAll(async () => {
    await server.close();
  });

  const define = async (place: Place, name: string, permissions: string[], by: Api = owner.api): Promise<RoleView> =>
    (await by.post(`${place.path}/roles`, { name, permissions }).expect(201)).body as RoleView;
  const list = async (place: Place, by: Api = owner.api): Promise<RoleView[]> =>
    (await by.get(`${place.path}/roles`).expect(200)).body.items as RoleView[];
  const idsIn = (roles: RoleView[]): string[] => roles.map(({ id }) => id);
  const refused = async (
    call: { expect(status: number): PromiseLike<Response> },
    status: number,
    code: string,
  ): Promise<Response['body']> => {
    const { body } = await call.expect(status);
    expect(body.code).toBe(code);
    return body;
  };
  const roleIn = async (path: string): Promise<{ role: string; roleName: string }> => {
    const { body } = await server.admin.get(path).expect(200);
    return { role: body.role, roleName: body.roleName };
  };

  it('are defined, listed where they can be granted, and show whether the caller may grant them', async () => {
    const here = await define(organisation, 'Night nurse', ['patients.contact']);
    const below = await define(deployment, 'Study nurse', ['notes.manage', 'patients.view']);
    expect(here).toEqual({
      id: expect.any(String),
      name: 'Night nurse',
      custom: true,
      permissions: ['patients.contact', 'patients.view'],
      definedAt: { kind: 'organisation', id: organisation.id },
      grantable: true,
    });
    expect(idsIn(await list(organisation))).toEqual([
      'admin',
      'contributor',
      'deployment-staff',
      'organisation-staff',
      'access-controller',
      'organisation-owner',
      'organisation-editor',
      'auditor',
      here.id,
    ]);
    expect(idsIn(await list(deployment))).toEqual([
      'admin',
      'contributor',
      'deployment-staff',
      'organisation-staff',
      'access-controller',
      here.id,
      below.id,
    ]);
    const elsewhere = await createDeployment(server, organisation, 'Elsewhere');
    expect(idsIn(await list(elsewhere))).not.toContain(below.id);
    const controller = await join(server, organisation, 'access-controller');
    const grantable = (await list(organisation, controller.api)).filter((role) => role.grantable).map(({ id }) => id);
    expect(grantable).toEqual(['deployment-staff', 'organisation-staff', 'access-controller', here.id]);
  });

  it('are listed page by page', async () => {
    const all = idsIn(await list(organisation));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Response = await owner.api
        .get(`${organisation.path}/roles?limit=2${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      seen.push(...idsIn(page.body.items as RoleView[]));
      cursor = page.body.nextCursor as string | null;
    }
    expect(seen).toEqual(all);
  });

  it('may hold any clinical permission and no other', async () => {
    expect((await define(organisation, 'Everything', [...CLINICAL_PERMISSIONS])).permissions).toEqual([
      ...CLINICAL_PERMISSIONS,
    ]);
    for (const permissions of [
      ['organisation.edit'],
      ['patients.view', 'audit.view'],
      [],
      ['patients.view', 'patients.view'],
      'patients.view',
    ]) {
      const body = await refused(
        owner.api.post(`${organisation.path}/roles`, { name: freshEmail('Role'), permissions }),
        400,
        'invalid-input',
      );
      expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['permissions']);
    }
  });

  it('have a unique name in the organisation, also when 20 are defined at once', async () => {
    await define(organisation, 'Ward round', ['patients.view']);
    await refused(
      owner.api.post(`${deployment.path}/roles`, { name: ' ward ROUND', permissions: ['patients.view'] }),
      409,
      'name-taken',
    );
    await refused(
      owner.api.post(`${deployment.path}/roles`, { name: 'contributor', permissions: ['patients.view'] }),
      409,
      'name-taken',
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () =>
        owner.api.post(`${organisation.path}/roles`, { name: 'Only once', permissions: ['patients.view'] }),
      ),
    );
    expect(
      answers
        .map(({ status, body }) => (status === 201 ? 201 : String(body.code)))
        .filter((outcome) => outcome !== 'too-many-conflicts')
        .sort(),
    ).toEqual([
      201,
      ...Array.from({ length: answers.filter(({ body }) => body.code === 'name-taken').length }, () => 'name-taken'),
    ]);
    const another = await createOrganisation(server, 'Lakeside');
    await define(another, 'Ward round', ['patients.view'], server.admin);
  });

  it('are granted by invitation, named in the mail, in lists and by the link, and hold', async () => {
    const role = await define(organisation, 'Ward clerk', ['staff.view', 'patients.view']);
    const email = freshEmail('clerk');
    const { id, token } = await invite(server, owner.api, deployment, email, role.id);
    expect((await server.smtp.mailTo(email, 1)).text).toContain('Ward clerk');
    expect((await server.anonymous.get(`/v1/invitations/${token}`).expect(200)).body).toMatchObject({
      role: role.id,
      roleName: 'Ward clerk',
    });
    expect(await roleIn(`/v1/staff-invitations/${id}`)).toEqual({ role: role.id, roleName: 'Ward clerk' });
    const clerk = await join(server, deployment, role.id);
    await clerk.api.get(`${deployment.path}/staff`).expect(200);
    await readModelsCaughtUp(server);
    await refused(clerk.api.get(`${organisation.path}/staff`), 403, 'forbidden');
    await refused(
      clerk.api.post(`${deployment.path}/staff-invitations`, { emails: [freshEmail()], role: 'contributor' }),
      403,
      'forbidden',
    );
    expect(await roleIn(`/v1/staff/${clerk.membershipId}`)).toEqual({ role: role.id, roleName: 'Ward clerk' });
    expect((await clerk.api.get('/v1/me').expect(200)).body.memberships[0]).toMatchObject({
      role: role.id,
      roleName: 'Ward clerk',
    });
  });

  it('are not granted outside the scope of their definition', async () => {
    const [other, foreign] = [
      await createDeployment(server, organisation, 'Other'),
      await createOrganisation(server, 'Foreign'),
    ];
    const role = await define(deployment, 'Here alone', ['patients.view']);
    for (const place of [other, organisation]) {
      await refused(
        owner.api.post(`${place.path}/staff-invitations`, { emails: [freshEmail()], role: role.id }),
        400,
        'role-not-for-scope',
      );
    }
    await refused(
      server.admin.post(`${foreign.path}/staff-invitations`, { emails: [freshEmail()], role: role.id }),
      400,
      'invalid-input',
    );
  });

  it('take effect at once for all holders when they are edited', async () => {
    const role = await define(organisation, 'Changing', ['patients.view']);
    const member = await join(server, deployment, role.id);
    await refused(member.api.get(`${deployment.path}/staff`), 403, 'forbidden');
    const edited = (
      await owner.api.patch(`/v1/roles/${role.id}`, { name: 'Changed', permissions: ['staff.view'] }).expect(200)
    ).body as RoleView;
    expect(edited).toMatchObject({ id: role.id, name: 'Changed', permissions: ['patients.view', 'staff.view'] });
    await member.api.get(`${deployment.path}/staff`).expect(200);
    expect(await roleIn(`/v1/staff/${member.membershipId}`)).toEqual({ role: role.id, roleName: 'Changed' });
    await owner.api.patch(`/v1/roles/${role.id}`, { permissions: ['patients.view'] }).expect(200);
    await refused(member.api.get(`${deployment.path}/staff`), 403, 'forbidden');
  });

  it('are not deleted while they are held or offered', async () => {
    const role = await define(organisation, 'In use', ['patients.view']);
    const pending = await invite(server, owner.api, organisation, freshEmail(), role.id);
    await refused(owner.api.delete(`/v1/roles/${role.id}`), 409, 'role-in-use');
    await owner.api.delete(`/v1/staff-invitations/${pending.id}`).expect(204);
    const member = await join(server, deployment, role.id);
    await refused(owner.api.delete(`/v1/roles/${role.id}`), 409, 'role-in-use');
    await owner.api.patch(`/v1/staff/${member.membershipId}`, { role: 'contributor' }).expect(200);
    await owner.api.delete(`/v1/roles/${role.id}`).expect(204);
    expect(idsIn(await list(organisation))).not.toContain(role.id);
    await refused(owner.api.delete(`/v1/roles/${role.id}`), 404, 'not-found');
    await refused(
      owner.api.post(`${organisation.path}/staff-invitations`, { emails: [freshEmail()], role: role.id }),
      400,
      'invalid-input',
    );
  });

  it('are deleted and replaced for all holders at the same moment', async () => {
    const role = await define(organisation, 'Going', ['staff.view']);
    const successor = await define(organisation, 'Coming', ['patients.contact']);
    const [member, pending] = [
      await join(server, deployment, role.id),
      await invite(server, owner.api, deployment, freshEmail(), role.id),
    ];
    await member.api.get(`${deployment.path}/staff`).expect(200);
    await owner.api.delete(`/v1/roles/${role.id}?moveTo=${successor.id}`).expect(204);
    await refused(member.api.get(`${deployment.path}/staff`), 403, 'forbidden');
    expect(await roleIn(`/v1/staff/${member.membershipId}`)).toEqual({ role: successor.id, roleName: 'Coming' });
    expect(await roleIn(`/v1/staff-invitations/${pending.id}`)).toEqual({ role: successor.id, roleName: 'Coming' });
    const listed = async (what: string) =>
      (await owner.api.get(`${deployment.path}/${what}?role=${successor.id}`).expect(200)).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await listed('staff')).toEqual([member.membershipId]);
    expect(await listed('staff-invitations')).toContain(pending.id);
    await refused(owner.api.delete(`/v1/roles/${successor.id}`), 409, 'role-in-use');
    // The old id can no longer be granted.
    for (const gone of [role.id, role.id.toUpperCase()])
      await refused(
        owner.api.post(`${organisation.path}/staff-invitations`, { emails: [freshEmail()], role: gone }),
        400,
        'invalid-input',
      );
    expect(
      (
        await owner.api
          .post(`${organisation.path}/staff-invitations`, { emails: [freshEmail()], role: successor.id.toUpperCase() })
          .expect(201)
      ).body.summary.invited,
    ).toBe(1);
    await readModelsCaughtUp(server);
    expect(
      (await owner.api.get(`${organisation.path}/staff-invitations?role=${successor.id.toUpperCase()}`).expect(200))
        .body.items.length,
    ).toBeGreaterThan(0);
    await owner.api.delete(`/v1/roles/${successor.id}?moveTo=contributor`).expect(204);
    const accepted = await server.anonymous
      .post(`/v1/invitations/${pending.token}/accept`, { name: 'Late', password: 'a perfectly fine password' })
      .expect(200);
    expect(await roleIn(`/v1/staff/${accepted.body.membershipId}`)).toEqual({
      role: 'contributor',
      roleName: 'Contributor',
    });
    expect(await roleIn(`/v1/staff/${member.membershipId}`)).toEqual({ role: 'contributor', roleName: 'Contributor' });
  });

  it('leave an expired invitation to a deleted role, which can only be revoked', async () => {
    const role = await define(organisation, 'Short-lived', ['patients.view']);
    const { id } = await invite(server, owner.api, organisation, freshEmail(), role.id);
    // This invitation alone expires, because a pending one would prevent the deletion of the role.
    await server.database
      .kysely<{ invitation: { id: string; expires_at: string } }>()
      .updateTable('invitation')
      .set({ expires_at: '2020-01-01T00:00:00Z' })
      .where('id', '=', id)
      .execute();
    await owner.api.delete(`/v1/roles/${role.id}`).expect(204);
    expect(await roleIn(`/v1/staff-invitations/${id}`)).toEqual({ role: role.id, roleName: 'Short-lived' });
    await refused(owner.api.post(`/v1/staff-invitations/${id}/resend`, {}), 403, 'role-not-grantable');
    await owner.api.delete(`/v1/staff-invitations/${id}`).expect(204);
  });
});
