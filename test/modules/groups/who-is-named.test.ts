import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  freshEmail,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const BOTH = { administrator: true, contentCreator: true };

/** A name tells a colleague who it was. A `personId` would also link that person to other records. */
describeOnOneEngine('the inviter to a group, or the person who added a file', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  let owner: Member;
  let present: Member;
  let past: Member;
  const readers: { name: string; by: Api; seesStaff: boolean; administers: boolean }[] = [];
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    const deployment = await createDeployment(server, organisation);
    group = await createGroup(server, organisation);
    owner = await join(server, organisation, 'organisation-owner');
    [present, past] = [
      await joinGroup(server, group, BOTH),
      await withPlaceElsewhere(server, await joinGroup(server, group, BOTH)),
    ];
    const holding = async (place: Place, role: string): Promise<Member> => {
      const member = await join(server, place, role);
      const { token } = await inviteToGroup(server, server.admin, group, member.email, BOTH);
      await member.api.post(`/v1/invitations/${token}/accept`).expect(200);
      return member;
    };
    const reader = (name: string, { api }: { api: Api }, { seesStaff = false, administers = true } = {}) =>
      readers.push({ name, by: api, seesStaff, administers });
    reader('an administrator without a role', await joinGroup(server, group, BOTH));
    reader('an administrator who sees staff in a deployment', await holding(deployment, 'access-controller'));
    reader('an administrator whose role shows no staff', await holding(organisation, 'contributor'));
    reader('an administrator who sees staff in the organisation', await holding(organisation, 'organisation-staff'), {
      seesStaff: true,
    });
    reader('a viewer', await joinGroup(server, group), { administers: false });
    reader('a member who is present', present);
    for (const [who, { api }] of Object.entries({ owner, present, past })) {
      ids[who] = String((await api.get('/v1/me').expect(200)).body.personId);
      await inviteToGroup(server, api, group, freshEmail(`by-${who}`), { administrator: true });
      if (who !== 'owner')
        await api
          .post(`${group.path}/files`, { name: `By ${who}.pdf`, url: 'https://files.example.org/7f3a' })
          .expect(201);
    }
    await past.api.delete(`/v1/group-members/${past.membershipId}`).expect(204);
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await server.close();
  });

  /** The people that a list names. Each of its items must name the same person when it is read by its id. */
  async function named(by: Api, list: string, thing: string, field: 'invitedBy' | 'addedBy'): Promise<object[]> {
    type Item = { id: string; email?: string; name?: string; invitedBy?: object; addedBy?: object };
    const called = ({ email, name }: Item): string => email ?? name ?? '';
    const items = (await by.get(`${group.path}/${list}?limit=200`).expect(200)).body.items as Item[];
    const shown = items
      .filter((item) => /^by[- ]/i.test(called(item)))
      .sort((one, other) => called(one).localeCompare(called(other)));
    for (const item of shown)
      expect((await by.get(`/v1/${thing}/${item.id}`).expect(200)).body[field]).toEqual(item[field]);
    return shown.map((item) => item[field]!);
  }

  it('is a name, with a personId only for readers of the staff, and of present members', async () => {
    const person = (who: string, name: string, isKnown: boolean) => ({
      ...(isKnown ? { personId: ids[who] } : {}),
      name,
    });
    for (const { name, by, seesStaff, administers } of readers) {
      const [here, gone] = [person('present', 'Name of member', true), person('past', 'Name of member', seesStaff)];
      if (administers)
        expect([name, await named(by, 'invitations', 'group-invitations', 'invitedBy')]).toEqual([
          name,
          [person('owner', 'Name of organisation-owner', seesStaff), gone, here],
        ]);
      expect([name, await named(by, 'files', 'group-files', 'addedBy')]).toEqual([name, [gone, here]]);
    }
    const all = [
      person('owner', 'Name of organisation-owner', true),
      person('past', 'Name of member', true),
      person('present', 'Name of member', true),
    ];
    for (const { api } of [owner, { api: server.admin }])
      expect(await named(api, 'invitations', 'group-invitations', 'invitedBy')).toEqual(all);
  });
});
