import type { Response } from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  type Member,
  type Place,
} from '../support/scenarios.js';

/** A call by which a person tries to do more than they may. */
interface Attempt {
  what: string;
  who: string;
  call(by: Api): { expect(status: number): PromiseLike<Response> };
  answer: [status: number, code: string];
  missing?: string[];
}

/** Attempts to gain permissions through roles, one after the other. None of them changes anything. */
describeOnOneEngine('no caller raises themselves', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let other: Place;
  const people = new Map<string, Member>();
  const roles = new Map<string, string>();
  const who = (name: string): Member => people.get(name)!;
  const role = (name: string): string => roles.get(name)!;

  async function define(name: string, place: Place, permissions: string[]): Promise<void> {
    const { body } = await server.admin.post(`${place.path}/roles`, { name, permissions }).expect(201);
    roles.set(name, body.id);
  }

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    other = await createDeployment(server, organisation, 'Cohort B');
    await define('Staffing', organisation, ['staff.manage', 'staff.view', 'roles.edit', 'patients.contact']);
    await define('Below staffing', organisation, ['patients.contact']);
    await define('Above staffing', organisation, ['patients.export', 'patients.manage']);
    await define('Of the deployment', deployment, ['patients.contact']);
    await define('Of the other', other, ['patients.contact']);
    await define('Editing', organisation, ['roles.edit', 'patients.contact']);
    const joins: [string, Place, string][] = [
      ['owner', organisation, 'organisation-owner'],
      ['editor', organisation, 'organisation-editor'],
      ['auditor', organisation, 'auditor'],
      ['controller', organisation, 'access-controller'],
      ['deployment admin', deployment, 'admin'],
      ['contributor', deployment, 'contributor'],
      ['staffing', organisation, role('Staffing')],
      ['editing', organisation, role('Editing')],
      ['staffing below', deployment, role('Staffing')],
    ];
    for (const [name, place, id] of joins) people.set(name, await join(server, place, id));
    people.set('outsider', await join(server, await createOrganisation(server, 'Another'), 'organisation-owner'));
    const { headers } = await server.admin.patch(organisation.path, {}).expect(200);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
  });
  afterAll(async () => {
    await server.close();
  });

  const inviting = (place: () => Place, id: () => string) => (by: Api) =>
    by.post(`${place().path}/staff-invitations`, { emails: [freshEmail()], role: id() });
  const defining = (place: () => Place, permissions: string[]) => (by: Api) =>
    by.post(`${place().path}/roles`, { name: freshEmail('Role'), permissions });
  const editing = (id: string, permissions: string[]) => (by: Api) =>
    by.patch(`/v1/roles/${role(id)}`, { permissions });
  const deleting = (id: string, moveTo: () => string) => (by: Api) =>
    by.delete(`/v1/roles/${role(id)}?moveTo=${moveTo()}`);
  const changing = (name: string, id: () => string) => (by: Api) =>
    by.patch(`/v1/staff/${who(name).membershipId}`, { role: id() });
  const FORBIDDEN: [number, string] = [403, 'forbidden'];
  const NOT_FOUND: [number, string] = [404, 'not-found'];
  const NOT_GRANTABLE: [number, string] = [403, 'role-not-grantable'];

  const ATTEMPTS: Attempt[] = [
    {
      what: 'edits the role they hold',
      who: 'staffing',
      call: editing('Staffing', ['patients.view']),
      answer: [403, 'own-role'],
    },
    {
      what: 'renames the role they hold',
      who: 'editing',
      call: (by) => by.patch(`/v1/roles/${role('Editing')}`, { name: 'Mine' }),
      answer: [403, 'own-role'],
    },
    {
      what: 'edits the role they hold in a deployment',
      who: 'staffing below',
      call: editing('Staffing', ['patients.view']),
      answer: FORBIDDEN,
    },
    {
      what: 'deletes the role they hold, moving up',
      who: 'staffing',
      call: deleting('Staffing', () => 'admin'),
      answer: [403, 'own-role'],
    },
    { what: 'changes their own role', who: 'owner', call: changing('owner', () => 'admin'), answer: [403, 'own-role'] },
    {
      what: 'gives their own custom role its peer with more',
      who: 'staffing',
      call: inviting(
        () => organisation,
        () => role('Above staffing'),
      ),
      answer: NOT_GRANTABLE,
      missing: ['patients.export', 'patients.manage', 'patients.offboard'],
    },
    {
      what: 'gives a built-in role through a custom one',
      who: 'staffing',
      call: inviting(
        () => organisation,
        () => 'contributor',
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'makes an owner through a custom role',
      who: 'staffing',
      call: inviting(
        () => organisation,
        () => 'organisation-owner',
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'puts more into a role than they hold',
      who: 'editing',
      call: editing('Below staffing', ['patients.contact', 'patients.manage']),
      answer: NOT_GRANTABLE,
      missing: ['patients.manage', 'patients.offboard'],
    },
    {
      what: 'defines a role with more than they hold',
      who: 'editing',
      call: defining(() => organisation, ['staff.manage']),
      answer: NOT_GRANTABLE,
      missing: ['staff.manage'],
    },
    {
      what: 'moves holders to a role with more',
      who: 'staffing',
      call: deleting('Below staffing', () => role('Above staffing')),
      answer: NOT_GRANTABLE,
      missing: ['patients.export', 'patients.manage', 'patients.offboard'],
    },
    {
      what: 'moves holders to a built-in role through a custom one',
      who: 'staffing',
      call: deleting('Below staffing', () => 'admin'),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'moves holders upwards without being able to give roles',
      who: 'editing',
      call: deleting('Below staffing', () => role('Above staffing')),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'moves holders to an organisation role',
      who: 'deployment admin',
      call: deleting('Of the deployment', () => 'organisation-owner'),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'moves holders in a deployment to a role that is not for deployments',
      who: 'owner',
      call: deleting('Below staffing', () => 'organisation-editor'),
      answer: [400, 'role-not-for-scope'],
    },
    {
      what: "moves holders to another deployment's role",
      who: 'owner',
      call: deleting('Of the deployment', () => role('Of the other')),
      answer: [400, 'role-not-for-scope'],
    },
    {
      what: 'moves holders to a role that does not exist',
      who: 'owner',
      call: deleting('Of the deployment', () => 'emperor'),
      answer: [400, 'invalid-input'],
    },
    {
      what: 'moves holders to the role that they have',
      who: 'owner',
      call: deleting('Of the deployment', () => role('Of the deployment')),
      answer: [400, 'invalid-input'],
    },
    {
      what: "edits another deployment's role",
      who: 'deployment admin',
      call: editing('Of the other', ['patients.view']),
      answer: NOT_FOUND,
    },
    {
      what: "edits the organisation's role",
      who: 'deployment admin',
      call: editing('Below staffing', ['patients.view']),
      answer: FORBIDDEN,
    },
    {
      what: "deletes the organisation's role",
      who: 'deployment admin',
      call: deleting('Below staffing', () => 'contributor'),
      answer: FORBIDDEN,
    },
    {
      what: 'defines a role in another deployment',
      who: 'deployment admin',
      call: defining(() => other, ['patients.view']),
      answer: NOT_FOUND,
    },
    {
      what: 'defines a role of the organisation',
      who: 'deployment admin',
      call: defining(() => organisation, ['patients.view']),
      answer: FORBIDDEN,
    },
    {
      what: "gives another deployment's role",
      who: 'deployment admin',
      call: inviting(
        () => deployment,
        () => role('Of the other'),
      ),
      answer: [400, 'role-not-for-scope'],
    },
    {
      what: 'edits roles without roles.edit',
      who: 'editor',
      call: editing('Below staffing', ['patients.view']),
      answer: FORBIDDEN,
    },
    {
      what: 'edits roles without roles.edit',
      who: 'contributor',
      call: editing('Below staffing', ['patients.view']),
      answer: FORBIDDEN,
    },
    {
      what: 'gives a custom role, which editors may not',
      who: 'editor',
      call: inviting(
        () => organisation,
        () => role('Below staffing'),
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'gives admin, which is above them',
      who: 'controller',
      call: inviting(
        () => organisation,
        () => 'admin',
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'gives an owner role below the organisation',
      who: 'deployment admin',
      call: inviting(
        () => deployment,
        () => 'organisation-owner',
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'gives a member a role above their own',
      who: 'controller',
      call: changing('contributor', () => 'admin'),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'takes away a role that they could not give',
      who: 'controller',
      call: changing('owner', () => 'deployment-staff'),
      answer: NOT_GRANTABLE,
    },
    {
      what: 'gives a platform role',
      who: 'owner',
      call: inviting(
        () => organisation,
        () => 'super-admin',
      ),
      answer: NOT_GRANTABLE,
    },
    {
      what: "edits another organisation's role",
      who: 'outsider',
      call: editing('Below staffing', ['patients.view']),
      answer: NOT_FOUND,
    },
    {
      what: "lists another organisation's roles",
      who: 'outsider',
      call: (by) => by.get(`${organisation.path}/roles`),
      answer: NOT_FOUND,
    },
  ];

  it.each(ATTEMPTS.map((attempt) => [`${attempt.who} ${attempt.what}`, attempt] as const))(
    '%s',
    async (_, { who: name, call, answer: [status, code], missing }) => {
      const { body } = await call(who(name).api).expect(status);
      expect(body.code).toBe(code);
      if (missing) expect([...body.missingPermissions].sort()).toEqual(missing);
    },
  );

  it('nothing was changed by any of these attempts', async () => {
    const { body } = await server.admin.get(`${organisation.path}/roles`).expect(200);
    const custom = body.items
      .filter((item: { custom: boolean }) => item.custom)
      .map(({ name }: { name: string }) => name);
    expect(custom).toEqual(['Above staffing', 'Below staffing', 'Editing', 'Staffing']);
    const pending = await server.admin.get(`${organisation.path}/staff-invitations?state=pending`).expect(200);
    expect(pending.body.items).toEqual([]);
  });

  it('the same people may do what their roles allow', async () => {
    await inviting(
      () => organisation,
      () => role('Below staffing'),
    )(who('staffing').api).expect(201);
    await editing('Below staffing', ['patients.contact', 'staff.view'])(who('staffing').api).expect(200);
    await defining(() => deployment, ['notes.manage'])(who('deployment admin').api).expect(201);
    await editing('Of the deployment', ['notes.manage'])(who('deployment admin').api).expect(200);
    // A role keeps permissions that its editor lacks, because that adds nothing.
    await editing('Above staffing', ['patients.export', 'patients.manage', 'patients.contact'])(
      who('editing').api,
    ).expect(200);
  });

  it('a caller cannot resend or revoke an invitation that they could not give', async () => {
    const { id } = await invite(server, who('owner').api, organisation, freshEmail(), 'admin');
    for (const name of ['controller', 'staffing']) {
      for (const call of [
        who(name).api.post(`/v1/staff-invitations/${id}/resend`, {}),
        who(name).api.delete(`/v1/staff-invitations/${id}`),
      ]) {
        expect((await call.expect(403)).body.code).toBe('role-not-grantable');
      }
    }
  });

  it("a demoted inviter's invitations cannot be accepted until a person with authority resends them", async () => {
    const falling = await join(server, organisation, role('Staffing'));
    const { id, token } = await invite(server, falling.api, organisation, freshEmail(), role('Below staffing'));
    const accept = () => server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD });
    await server.admin.patch(`/v1/staff/${falling.membershipId}`, { role: role('Editing') }).expect(200);
    expect((await accept().expect(409)).body.code).toBe('inviter-lost-authority');
    await server.admin.patch(`/v1/staff/${falling.membershipId}`, { role: role('Staffing') }).expect(200);
    // The inviter's role has fewer permissions now than the role that they offered.
    await server.admin.patch(`/v1/roles/${role('Staffing')}`, { permissions: ['staff.manage'] }).expect(200);
    expect((await accept().expect(409)).body.code).toBe('inviter-lost-authority');
    await who('owner').api.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    expect((await accept().expect(410)).body.code).toBe('invitation-superseded');
  });
});
