import type { Response } from 'supertest';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  join,
  joinGroup,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../support/scenarios.js';

/** An inviter who sends several calls, and their places. */
interface Scenario {
  organisation: Place;
  deployment: Place;
  group: Place;
  inviter: Member;
  /** A custom role that may invite staff, and one that its holders may give. */
  inviting: string;
  given: string;
}

interface Row {
  what: string;
  inviter: (w: Scenario) => Promise<Member>;
  call: (w: Scenario, by: Api) => Call;
  change: (w: Scenario) => Call;
  refused: [status: number, code: string];
  back?: (w: Scenario) => Call;
}

type Call = { expect(status: number): PromiseLike<Response> } & PromiseLike<Response>;

/**
 * An inviter invites one person after the other, so that their permissions are cached. Then these change, and the next
 * call must follow the change, in both directions.
 * On PostgreSQL another instance makes the change.
 */
describeOnOneEngine('a change of permissions holds for the next invitation', (engine) => {
  let server: TestServer;
  let other: TestServer;
  const canHaveTwo = engine.name !== 'PGlite';
  beforeAll(async () => {
    server = await startTestServer(engine);
    other = canHaveTwo ? await server.another() : server;
  });
  afterAll(async () => {
    if (canHaveTwo) await other.running.close();
    await server.close();
  });

  const staff =
    (place: (w: Scenario) => Place, role: (w: Scenario) => string = () => 'contributor') =>
    (w: Scenario, by: Api): Call =>
      by.post(`${place(w).path}/staff-invitations`, { emails: [freshEmail('invitee')], role: role(w) });
  const patient = (w: Scenario, by: Api): Call =>
    by.post(`${w.deployment.path}/patient-invitations`, { emails: [freshEmail('invitee')] });
  const member = (w: Scenario, by: Api): Call =>
    by.post(`${w.group.path}/invitations`, {
      emails: [freshEmail('invitee')],
      administrator: false,
      contentCreator: true,
    });
  const [atOrganisation, atDeployment] = [(w: Scenario): Place => w.organisation, (w: Scenario): Place => w.deployment];
  const admin = () => other.admin;
  const removed = (w: Scenario): Call => admin().delete(`/v1/staff/${w.inviter.membershipId}`);
  const demoted =
    (role: string) =>
    (w: Scenario): Call =>
      admin().patch(`/v1/staff/${w.inviter.membershipId}`, { role });
  const archived =
    (place: (w: Scenario) => Place) =>
    (w: Scenario): Call =>
      admin().post(`${place(w).path}/archive`);
  const restored =
    (place: (w: Scenario) => Place) =>
    (w: Scenario): Call =>
      admin().post(`${place(w).path}/restore`);
  const edited =
    (permissions: string[]) =>
    (w: Scenario): Call =>
      admin().patch(`/v1/roles/${w.inviting}`, { permissions });
  const FULL = ['staff.manage', 'staff.view', 'patients.manage', 'patients.contact'];

  const ROWS: Row[] = [
    {
      what: 'removed from an organisation',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation),
      change: removed,
      refused: [404, 'not-found'],
    },
    {
      what: 'removed from an organisation, inviting in its deployment',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atDeployment),
      change: removed,
      refused: [404, 'not-found'],
    },
    {
      what: 'removed from a deployment',
      inviter: async (w) => join(server, w.deployment, 'admin'),
      call: staff(atDeployment),
      change: removed,
      refused: [404, 'not-found'],
    },
    {
      what: 'given a role that may not invite',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation),
      change: demoted('contributor'),
      refused: [403, 'forbidden'],
      back: demoted('admin'),
    },
    {
      what: 'given a role that gives fewer',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation),
      change: demoted('access-controller'),
      refused: [403, 'role-not-grantable'],
      back: demoted('admin'),
    },
    {
      what: 'the holder of a role that was edited',
      inviter: async (w) => join(server, w.organisation, w.inviting),
      call: staff(atOrganisation, (w) => w.given),
      change: edited(['staff.view']),
      refused: [403, 'forbidden'],
      back: edited(FULL),
    },
    {
      what: 'the holder of a role that may give less',
      inviter: async (w) => join(server, w.organisation, w.inviting),
      call: staff(atOrganisation, (w) => w.given),
      change: edited(['staff.manage', 'staff.view']),
      refused: [403, 'role-not-grantable'],
      back: edited(FULL),
    },
    {
      what: 'leaving by themselves',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation),
      change: (w) => other.signedIn(w.inviter.api.token!).delete(`/v1/staff/${w.inviter.membershipId}`),
      refused: [404, 'not-found'],
    },
    {
      what: 'the holder of a role that is deleted',
      inviter: async (w) => join(server, w.organisation, w.inviting),
      call: staff(atOrganisation, (w) => w.given),
      change: (w) => admin().delete(`/v1/roles/${w.inviting}?moveTo=contributor`),
      refused: [403, 'forbidden'],
    },
    {
      what: 'inviting to a role that is deleted',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation, (w) => w.given),
      change: (w) => admin().delete(`/v1/roles/${w.given}?moveTo=contributor`),
      refused: [400, 'invalid-input'],
    },
    {
      what: 'inviting to a role that grows',
      inviter: async (w) => join(server, w.organisation, w.inviting),
      call: staff(atOrganisation, (w) => w.given),
      change: (w) => admin().patch(`/v1/roles/${w.given}`, { permissions: ['patients.export'] }),
      refused: [403, 'role-not-grantable'],
      back: (w) => admin().patch(`/v1/roles/${w.given}`, { permissions: ['patients.contact'] }),
    },
    {
      what: 'inviting in an organisation that is archived',
      inviter: async (w) => join(server, w.organisation, 'admin'),
      call: staff(atOrganisation),
      change: archived(atOrganisation),
      refused: [409, 'scope-archived'],
      back: restored(atOrganisation),
    },
    {
      what: 'inviting in a deployment whose organisation is archived',
      inviter: async (w) => join(server, w.deployment, 'admin'),
      call: staff(atDeployment),
      change: archived(atOrganisation),
      refused: [409, 'scope-archived'],
      back: restored(atOrganisation),
    },
    {
      what: 'inviting patients, then removed',
      inviter: async (w) => join(server, w.deployment, 'deployment-staff'),
      call: patient,
      change: removed,
      refused: [404, 'not-found'],
    },
    {
      what: 'inviting patients, then given a role with fewer permissions',
      inviter: async (w) => join(server, w.deployment, 'deployment-staff'),
      call: patient,
      change: demoted('contributor'),
      refused: [403, 'forbidden'],
      back: demoted('deployment-staff'),
    },
    {
      what: 'inviting patients in a deployment that is archived',
      inviter: async (w) => join(server, w.organisation, 'deployment-staff'),
      call: patient,
      change: archived(atDeployment),
      refused: [409, 'scope-archived'],
      back: restored(atDeployment),
    },
    {
      what: 'inviting to a group, then removed from it',
      inviter: async (w) => joinGroup(server, w.group, { administrator: true }),
      call: member,
      change: (w) => admin().delete(`/v1/group-members/${w.inviter.membershipId}`),
      refused: [404, 'not-found'],
    },
    {
      what: 'inviting to a group, then no longer its administrator',
      inviter: async (w) => joinGroup(server, w.group, { administrator: true }),
      call: member,
      change: (w) =>
        admin().patch(`/v1/group-members/${w.inviter.membershipId}`, { administrator: false, contentCreator: true }),
      refused: [403, 'forbidden'],
      back: (w) =>
        admin().patch(`/v1/group-members/${w.inviter.membershipId}`, { administrator: true, contentCreator: false }),
    },
    {
      what: 'inviting to a group that is deleted',
      inviter: async (w) => joinGroup(server, w.group, { administrator: true }),
      call: member,
      change: (w) => admin().delete(w.group.path),
      refused: [404, 'not-found'],
      back: (w) => admin().post(`${w.group.path}/restore`),
    },
    {
      what: 'inviting to a group whose organisation is archived',
      inviter: async (w) => joinGroup(server, w.group, { administrator: true }),
      call: member,
      change: archived(atOrganisation),
      refused: [409, 'scope-archived'],
      back: restored(atOrganisation),
    },
  ];

  async function scenario(inviter: Row['inviter']): Promise<Scenario> {
    const organisation = await createOrganisation(server);
    const [deployment, group] = [await createDeployment(server, organisation), await createGroup(server, organisation)];
    const define = async (name: string, permissions: string[]): Promise<string> =>
      (await server.admin.post(`${organisation.path}/roles`, { name, permissions }).expect(201)).body.id as string;
    const [inviting, given] = [await define('Inviting', FULL), await define('Given', ['patients.contact'])];
    const made = { organisation, deployment, group, inviting, given };
    // The inviter has another place, so the refusal isn't due to a session that ended with the last place.
    return {
      ...made,
      inviter: await withPlaceElsewhere(server, await inviter({ ...made, inviter: undefined as unknown as Member })),
    };
  }

  const done = async (call: Call): Promise<void> => {
    expect((await call).status).toBeLessThan(300);
  };
  const stored = async (): Promise<number> =>
    (await server.events()).filter(({ type }) => type === 'InvitationIssued').length;

  it.each(ROWS)('of an inviter: $what', async ({ inviter, call, change, refused, back }) => {
    const w = await scenario(inviter);
    for (let n = 0; n < 2; n += 1)
      expect((await call(w, w.inviter.api)).body).toMatchObject({ summary: { invited: 1 } });
    await done(change(w));
    const before = await stored();
    // The call is repeated, because the second refusal is cached.
    for (let n = 0; n < 2; n += 1) {
      const answer = await call(w, w.inviter.api);
      expect([answer.status, answer.body.code]).toEqual(refused);
    }
    expect(await stored()).toBe(before);
    if (!back) return;
    await done(back(w));
    expect((await call(w, w.inviter.api)).body).toMatchObject({ summary: { invited: 1 } });
  });

  it('of a person removed from the platform', async () => {
    const w = await scenario(async () => join(server, { id: '', path: '/v1/platform' }, 'support'));
    const call = staff(atOrganisation);
    await done(call(w, w.inviter.api));
    await done(removed(w));
    expect((await call(w, w.inviter.api)).status).toBe(404);
  });

  it('of a member of the platform with another role', async () => {
    const w = await scenario(async () => join(server, { id: '', path: '/v1/platform' }, 'super-admin'));
    const call = staff(
      () => ({ id: '', path: '/v1/platform' }),
      () => 'account-manager',
    );
    await done(call(w, w.inviter.api));
    await done(demoted('support')(w));
    const refused = await call(w, w.inviter.api);
    expect([refused.status, refused.body.code]).toEqual([403, 'role-not-grantable']);
    await done(demoted('super-admin')(w));
    await done(call(w, w.inviter.api));
  });

  it('of an administrator who picks a person for a group', async () => {
    const w = await scenario(async ({ group, organisation }) => {
      const administrator = await joinGroup(server, group, { administrator: true });
      const { token } = await invite(server, server.admin, organisation, administrator.email, 'auditor');
      await administrator.api.post(`/v1/invitations/${token}/accept`).expect(200);
      return administrator;
    });
    const [first, second] = [
      await joinGroup(server, await createGroup(server, w.organisation)),
      await joinGroup(server, await createGroup(server, w.organisation)),
    ];
    const personIdOf = async ({ api }: Member): Promise<string> =>
      (await api.get('/v1/me').expect(200)).body.personId as string;
    const pick = async (who: Member) =>
      w.inviter.api.post(`${w.group.path}/invitations`, {
        personIds: [await personIdOf(who)],
        administrator: false,
        contentCreator: true,
      });
    expect((await pick(first)).body).toMatchObject({ summary: { invited: 1 } });
    await done(admin().delete(`/v1/group-members/${w.inviter.membershipId}`));
    expect((await pick(second)).status).toBe(404);
  });

  it('of many at the same moment: no invitation is stored after the change', async () => {
    const w = await scenario(async ({ organisation }) => join(server, organisation, 'admin'));
    const call = staff(atOrganisation);
    await done(call(w, w.inviter.api));
    const calls = Array.from({ length: 40 }, async (_, n) => {
      if (n === 15) await done(removed(w));
      return call(w, w.inviter.api).then(({ status }) => status);
    });
    const statuses = await Promise.all(calls);
    expect([...new Set(statuses)].filter((status) => status !== 201 && status !== 404)).toEqual([]);
    const log = (await server.events()).filter(({ metadata }) => metadata.scope.id === w.organisation.id);
    const issued = log.flatMap(({ type, data }, at) =>
      type === 'InvitationIssued' && (data['grant'] as { role: string }).role === 'contributor' ? [at] : [],
    );
    const end = log.findIndex(({ type }) => type === 'StaffMemberRemoved');
    expect(issued).toHaveLength(1 + statuses.filter((status) => status === 201).length);
    expect(end).toBeGreaterThan(0);
    // A store without append conditions leaves a gap between the read and the append.
    if (engine.name !== 'EventStoreDB fake') expect(issued.filter((at) => at > end)).toEqual([]);
  });
});
