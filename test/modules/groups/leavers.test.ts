import { deterministicId } from '../../../src/shared/event-sourcing/stream-id.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import { EventStore, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { OwnerGuard } from '../../../src/modules/access/owner-guard/owner-guard.js';
import { Departures } from '../../../src/modules/access/memberships/departures.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { failOnce } from '../../support/injected-failure.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  type GroupSet,
  type Member,
  type Place,
} from '../../support/scenarios.js';

/** A staff member who is also a member of a group. */
interface Colleague extends Member {
  groupMembershipId: string;
}

describeOnOneEngine('a member who loses the last role in an organisation', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  let elsewhere: Place;
  let group: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    elsewhere = await createOrganisation(server, 'Elsewhere');
    group = await createGroup(server, organisation);
    owner = await join(server, organisation, 'organisation-owner');
  });
  afterAll(async () => {
    await server.close();
  });

  async function accepted(by: Api, token: string): Promise<string> {
    return ((await by.post(`/v1/invitations/${token}/accept`).expect(200)).body as { membershipId: string })
      .membershipId;
  }
  /**
   * Makes a person with a role in the place, a membership of the group, and a role elsewhere, which keeps them signed
   * in.
   */
  async function colleague(place: Place, set: GroupSet = {}, to = group): Promise<Colleague> {
    const member = await join(server, place, 'contributor');
    const groupMembershipId = await accepted(
      member.api,
      (await inviteToGroup(server, server.admin, to, member.email, set)).token,
    );
    await accepted(member.api, (await invite(server, server.admin, elsewhere, member.email, 'contributor')).token);
    return { ...member, groupMembershipId };
  }
  const read = async (kind: string, id: string) => server.running.app.get(EventStore).read(`${kind}-${id}`);
  const typesOf = async ({ groupMembershipId }: Colleague): Promise<string[]> =>
    (await read('groupMember', groupMembershipId)).map(({ type }) => type);
  const remove = (member: Member, body: object = {}, by = server.admin) =>
    by.delete(`/v1/staff/${member.membershipId}`, body);

  it.each([
    ['an organisation', () => organisation],
    ['a deployment', () => deployment],
  ])('of %s leaves its groups at once, and the history gives the reason', async (_, place) => {
    const member = await colleague(place());
    await member.api.get(group.path).expect(200);
    await remove(member, { reason: 'End of contract' }).expect(204);
    await member.api.get(group.path).expect(404);
    const [removal, ended] = [
      (await read('staff', member.membershipId)).at(-1)!,
      (await read('groupMember', member.groupMembershipId)).at(-1)!,
    ];
    expect([removal.type, removal.data['keepGroups'], ended.type]).toEqual([
      'StaffMemberRemoved',
      false,
      'GroupMemberRemoved',
    ]);
    expect(ended.metadata).toMatchObject({
      actor: removal.metadata.actor,
      $causationId: removal.id,
      $correlationId: removal.metadata.$correlationId,
    });
  });

  it('by leaving leaves the groups too, unless they keep another role there or the groups', async () => {
    const [leaving, both, kept, other] = [
      await colleague(deployment),
      await colleague(deployment),
      await colleague(organisation),
      await colleague(organisation),
    ];
    await accepted(both.api, (await invite(server, server.admin, organisation, both.email, 'auditor')).token);
    await leaving.api.delete(`/v1/staff/${leaving.membershipId}`).expect(204);
    await remove(both).expect(204);
    await remove(kept, { keepGroups: true }).expect(204);
    expect((await Promise.all([leaving, both, kept, other].map(typesOf))).map((types) => types.at(-1))).toEqual([
      'GroupMemberLeft',
      'InvitationAccepted',
      'InvitationAccepted',
      'InvitationAccepted',
    ]);
    for (const { api } of [both, kept, other]) await api.get(group.path).expect(200);
    const refused = await remove(other, { keepGroups: 'yes' }).expect(400);
    expect(refused.body).toMatchObject({ code: 'invalid-input', errors: [{ field: 'keepGroups' }] });
  });

  it('leaves a group without an administrator, which its owners see and end by appointing one', async () => {
    const own = await createGroup(server, organisation, 'With one administrator', owner.api);
    const administrator = await colleague(organisation, { administrator: true }, own);
    const viewer = await colleague(organisation, {}, own);
    const founder = (await owner.api.get(`${own.path}/members`).expect(200)).body.items.find(
      ({ email }: { email: string }) => email === owner.email,
    ).id as string;
    await owner.api.delete(`/v1/group-members/${founder}`).expect(204);
    // A departure from the group itself still needs a second administrator.
    expect(
      (await administrator.api.delete(`/v1/group-members/${administrator.groupMembershipId}`).expect(409)).body.code,
    ).toBe('last-owner');
    expect((await owner.api.delete(`/v1/group-members/${administrator.groupMembershipId}`).expect(409)).body.code).toBe(
      'last-owner',
    );
    await remove(administrator, {}, owner.api).expect(204);
    expect((await typesOf(administrator)).at(-1)).toBe('GroupMemberRemoved');
    await readModelsCaughtUp(server);
    const shown = async (by: Api) => (await by.get(own.path).expect(200)).body.withoutAdministrator;
    const listed = async (by: Api) =>
      (await by.get(`${organisation.path}/groups`).expect(200)).body.items.find(
        ({ id }: { id: string }) => id === own.id,
      ).withoutAdministrator;
    expect(await Promise.all([shown(owner.api), listed(owner.api), shown(viewer.api), listed(viewer.api)])).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
    await owner.api.patch(`/v1/group-members/${viewer.groupMembershipId}`, { administrator: true }).expect(200);
    await viewer.api.get(`${own.path}/invitations`).expect(200);
    await readModelsCaughtUp(server);
    expect(await shown(owner.api)).toBeUndefined();
    // The group has its last administrator again.
    expect((await viewer.api.delete(`/v1/group-members/${viewer.groupMembershipId}`).expect(409)).body.code).toBe(
      'last-owner',
    );
  });

  it.each([
    [
      'before anything else is stored',
      async (): Promise<void> => {
        failOnce(server.running.app.get(Departures), 'react', 'before');
      },
    ],
    [
      "between a group's guard and its membership",
      async (): Promise<void> => {
        failOnce(server.running.app.get(OwnerGuard), 'finish', 'before');
      },
    ],
  ])('leaves the groups also after a failure %s, and a repeat stores nothing', async (_, fail) => {
    const own = await createGroup(server, organisation, 'Interrupted');
    const member = await colleague(deployment, { administrator: true }, own);
    await fail();
    await remove(member).expect(204);
    await waitFor('the process manager', async () => (await typesOf(member)).at(-1) === 'GroupMemberRemoved');
    // The person is a member again without a role, which the earlier end of a role does not affect.
    await accepted(member.api, (await inviteToGroup(server, server.admin, own, member.email)).token);
    const removal = (await read('staff', member.membershipId)).at(-1)!;
    await readModelsCaughtUp(server);
    const before = (await server.events()).length;
    await server.running.app.get(Departures).react(removal);
    await server.running.app.get(Departures).react(removal);
    expect([(await server.events()).length, (await typesOf(member)).at(-1)]).toEqual([before, 'InvitationAccepted']);
    await member.api.get(own.path).expect(200);
  });

  /** Makes a person with a role in the place, a role elsewhere, and a pending invitation to the group. */
  async function invitee(place = deployment): Promise<Member & { invitation: { id: string; token: string } }> {
    const member = await join(server, place, 'contributor');
    await accepted(member.api, (await invite(server, server.admin, elsewhere, member.email, 'contributor')).token);
    return { ...member, invitation: await inviteToGroup(server, server.admin, group, member.email) };
  }
  const streamOf = async (invitationId: string) => {
    const events = await server.events();
    const { stream } = events.find(({ data }) => data['invitationId'] === invitationId)!;
    return events.filter((event) => event.stream === stream);
  };
  const answers = async ({
    api,
    invitation: { id, token },
  }: {
    api: Api;
    invitation: { id: string; token: string };
  }) => [
    (await api.post(`/v1/invitations/${token}/accept`)).status,
    (await api.post(`/v1/me/invitations/${id}/accept`)).status,
    (await api.get(group.path)).status,
  ];

  it.each(['an organisation', 'a deployment'])(
    'of %s loses pending invitations to its groups, by link and on the start page',
    async (which) => {
      const member = await invitee(which === 'a deployment' ? deployment : organisation);
      await remove(member).expect(204);
      expect(await answers(member)).toEqual([410, 410, 404]);
      const [removal, withdrawn] = [
        (await read('staff', member.membershipId)).at(-1)!,
        (await streamOf(member.invitation.id)).at(-1)!,
      ];
      expect([withdrawn.type, withdrawn.data]).toEqual(['InvitationRevoked', { invitationId: member.invitation.id }]);
      expect(withdrawn.metadata).toMatchObject({
        actor: removal.metadata.actor,
        $causationId: removal.id,
        scope: { kind: 'group', id: group.id },
        organisationId: organisation.id,
      });
    },
  );

  it('keeps invitations with kept groups, with another role there, and to groups of other organisations', async () => {
    const [kept, both, other] = [await invitee(), await invitee(), await invitee()];
    await accepted(both.api, (await invite(server, server.admin, organisation, both.email, 'auditor')).token);
    const abroad = await inviteToGroup(server, server.admin, await createGroup(server, elsewhere), other.email);
    await remove(kept, { keepGroups: true }).expect(204);
    for (const one of [both, other]) await remove(one).expect(204);
    expect([(await answers(kept))[0], (await answers(both))[0], (await answers(other))[0]]).toEqual([200, 200, 410]);
    await accepted(other.api, abroad.token);
  });

  it('loses invitations also after a crash, and keeps those that were sent later', async () => {
    const [waiting, quick] = [await invitee(), await invitee()];
    const departures = server.running.app.get(Departures);
    const removals: StoredEvent[] = [];
    for (const member of [waiting, quick]) {
      await readModelsCaughtUp(server);
      await remove(member, { keepGroups: true }).expect(204);
      const removal = (await read('staff', member.membershipId)).at(-1)!;
      removals.push({ ...removal, data: { ...removal.data, keepGroups: false } });
    }
    // The departure has ended nothing yet, as after a crash.
    await accepted(quick.api, quick.invitation.token);
    await readModelsCaughtUp(server);
    const show = async (): Promise<void> => {
      for (const removal of removals) {
        const context = {
          correlationId: removal.id,
          causationId: removal.id,
          commandId: deterministicId(removal.id, departures.name),
        };
        await runInContext(context, async () => departures.react(removal));
      }
    };
    await show();
    expect([await answers(waiting), (await answers(quick))[2]]).toEqual([[410, 410, 404], 404]);
    const before = (await server.events()).length;
    await show();
    expect((await server.events()).length).toBe(before);
    const again = [
      await inviteToGroup(server, server.admin, group, waiting.email),
      await inviteToGroup(server, server.admin, group, quick.email),
    ];
    await readModelsCaughtUp(server);
    await show();
    await accepted(waiting.api, again[0]!.token);
    await accepted(quick.api, again[1]!.token);
    await readModelsCaughtUp(server);
    await show();
    for (const { api } of [waiting, quick]) await api.get(group.path).expect(200);
  });

  it('keeps the groups if an earlier version stored the end of the role', async () => {
    const member = await colleague(deployment);
    await remove(member, { keepGroups: true }).expect(204);
    const removal = (await read('staff', member.membershipId)).at(-1)!;
    await readModelsCaughtUp(server);
    const { keepGroups: _, ...data } = removal.data;
    await server.running.app.get(Departures).react({ ...removal, data });
    await member.api.get(group.path).expect(200);
  });

  describe('owners', () => {
    it('list, remove, appoint and invite administrators, and see no content', async () => {
      const own = await createGroup(server, organisation, 'Of others');
      await server.admin.post(`${own.path}/files`, { name: 'Minutes', url: 'https://files.example/1' }).expect(201);
      const [viewer, gone] = [await joinGroup(server, own), await joinGroup(server, own)];
      await readModelsCaughtUp(server);
      const members = (await owner.api.get(`${own.path}/members`).expect(200)).body.items as {
        id: string;
        email: string;
      }[];
      expect(members.map(({ email }) => email)).toEqual(expect.arrayContaining([viewer.email, gone.email]));
      await owner.api.delete(`/v1/group-members/${gone.membershipId}`, { reason: 'Left the ward' }).expect(204);
      for (const change of [
        { contentCreator: true },
        { administrator: false },
        { administrator: true, contentCreator: true },
        {},
      ]) {
        expect((await owner.api.patch(`/v1/group-members/${viewer.membershipId}`, change).expect(403)).body.code).toBe(
          'forbidden',
        );
      }
      expect(
        (await owner.api.patch(`/v1/group-members/${viewer.membershipId}`, { administrator: true }).expect(200)).body,
      ).toMatchObject({ administrator: true, contentCreator: false });
      const inviting = (set: object) =>
        owner.api.post(`${own.path}/invitations`, { emails: [freshEmail('appointed')], ...set });
      await inviting({ administrator: false, contentCreator: true }).expect(403);
      await inviting({ administrator: false, contentCreator: false, dryRun: true }).expect(403);
      const { body } = await inviting({ administrator: true, contentCreator: false }).expect(201);
      const id = body.results[0].invitationId as string;
      await readModelsCaughtUp(server);
      expect(
        (await owner.api.get(`${own.path}/invitations?state=pending`).expect(200)).body.items.map(
          (item: { id: string }) => item.id,
        ),
      ).toEqual([id]);
      await owner.api.post(`/v1/group-invitations/${id}/resend`, {}).expect(200);
      await owner.api.delete(`/v1/group-invitations/${id}`).expect(204);
      const viewing = await inviteToGroup(server, server.admin, own, freshEmail());
      await owner.api.post(`/v1/group-invitations/${viewing.id}/resend`, {}).expect(403);
      await owner.api.delete(`/v1/group-invitations/${viewing.id}`).expect(204);
      await owner.api.get(`${own.path}/files`).expect(403);
      await owner.api.patch(own.path, { name: 'Ours' }).expect(403);
    });

    it('manage groups by the role of owner alone', async () => {
      const own = await createGroup(server, organisation, 'Closed');
      const { membershipId } = await joinGroup(server, own);
      const others = [
        await join(server, organisation, 'organisation-editor'),
        await join(server, organisation, 'admin'),
        await join(server, elsewhere, 'organisation-owner'),
      ];
      for (const { api } of others) {
        const answers = await Promise.all([
          api.get(`${own.path}/members`),
          api.delete(`/v1/group-members/${membershipId}`),
          api.patch(`/v1/group-members/${membershipId}`, { administrator: true }),
          api.post(`${own.path}/invitations`, { emails: [freshEmail()], administrator: true, contentCreator: false }),
        ]);
        expect(answers.map((answer) => answer.status)).toEqual(Array(4).fill(404));
      }
    });
  });
});
