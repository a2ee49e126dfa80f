import { describeOnOneEngine } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const DAY = 86_400_000;
const REASON = 'Moved to another ward';

describeOnOneEngine('groups', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let organisation: Place;
  /** The owner of the organisation, who is an account administrator of its groups. */
  let owner: Member;
  let group: Place;
  let administrator: Member;
  let creator: Member;

  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, {}, { clock });
    organisation = await createOrganisation(server);
    owner = await join(server, organisation, 'organisation-owner');
    group = await createGroup(server, organisation);
    administrator = await joinGroup(server, group, { administrator: true });
    creator = await joinGroup(server, group, { contentCreator: true });
  });
  afterAll(async () => {
    await server.close();
  });

  type Call = PromiseLike<{ status: number; body: { code?: string } }> & {
    expect(status: number): PromiseLike<{ body: { code: string } }>;
  };
  async function refused(call: Call, status: number, code: string): Promise<void> {
    expect((await call.expect(status)).body.code).toBe(code);
  }
  const inviting = (by: Api, place = group, emails = [freshEmail('invited')]) =>
    by.post(`${place.path}/invitations`, { emails, administrator: false, contentCreator: false });
  const changing = (by: Api, { membershipId }: Member, set: object) =>
    by.patch(`/v1/group-members/${membershipId}`, { administrator: false, contentCreator: false, ...set });
  const removing = (by: Api, { membershipId }: Member) =>
    by.delete(`/v1/group-members/${membershipId}`, { reason: REASON });
  async function namesOf(by: Api, query = ''): Promise<string[]> {
    await readModelsCaughtUp(server);
    return (await by.get(`${organisation.path}/groups${query}`).expect(200)).body.items.map(
      ({ name }: { name: string }) => name,
    );
  }
  async function addFile(by: Api, place = group): Promise<string> {
    return `/v1/group-files/${String((await by.post(`${place.path}/files`, { name: 'Minutes.pdf', url: 'minutes' }).expect(201)).body.id)}`;
  }
  /** The calls that some members may make. */
  async function insides(place: Place): Promise<((by: Api) => Call)[]> {
    const [file, target, { id }] = [
      await addFile(server.admin, place),
      await joinGroup(server, place),
      await inviteToGroup(server, server.admin, place, freshEmail('pending')),
    ];
    return [
      (by) => by.get(`${place.path}/files`),
      (by) => by.get(file),
      (by) => by.get(`${file}/access`),
      (by) => inviting(by, place),
      (by) => by.post(`/v1/group-invitations/${id}/resend`, {}),
      (by) => changing(by, target, { contentCreator: true }),
      (by) => by.patch(place.path, { name: 'Mine' }),
      (by) => by.post(`${place.path}/files`, { name: 'Mine.pdf', url: 'mine' }),
      (by) => by.patch(file, { name: 'Mine.pdf' }),
      (by) => by.delete(file),
      (by) => by.put(`${file}/exceptions/${target.membershipId}`, { contentCreator: true }),
      (by) => by.delete(`${file}/exceptions/${target.membershipId}`),
    ];
  }

  /** The calls that account administrators may make too. */
  async function outsides(place: Place): Promise<((by: Api) => Call)[]> {
    const [target, { id }] = [
      await joinGroup(server, place),
      await inviteToGroup(server, server.admin, place, freshEmail('pending'), { administrator: true }),
    ];
    return [
      (by) => by.get(`${place.path}/members`),
      (by) => by.get(`${place.path}/invitations`),
      (by) => by.get(`${place.path}/network`),
      (by) => by.get(`/v1/group-invitations/${id}`),
      (by) => by.post(`/v1/group-invitations/${id}/resend`, {}),
      (by) => by.delete(`/v1/group-invitations/${id}`),
      (by) => by.patch(`/v1/group-members/${target.membershipId}`, { administrator: true }),
      (by) => removing(by, target),
    ];
  }

  describe('for members and other people', () => {
    it('are 404 for other people, except that owners see the group, its members and its invitations', async () => {
      const deployment = await createDeployment(server, organisation);
      const another = await createGroup(server, organisation, 'Another');
      const elsewhere = await createOrganisation(server, 'Elsewhere');
      const insiders = [
        await join(server, organisation, 'organisation-editor'),
        await join(server, organisation, 'admin'),
        await join(server, deployment, 'admin'),
        await joinGroup(server, another, { administrator: true, contentCreator: true }),
      ];
      const notFound = [
        ...insiders,
        await join(server, elsewhere, 'organisation-owner'),
        await enrol(server, deployment),
        await joinGroup(server, await createGroup(server, elsewhere), { administrator: true }),
      ];
      const [calls, ofOwners] = [await insides(group), await outsides(group)];
      await readModelsCaughtUp(server);
      const byOwner: string[] = [];
      for (const call of calls) {
        const { status, body } = await call(owner.api);
        byOwner.push(`${String(status)} ${body.code ?? ''}`.trim());
      }
      for (const call of [...calls, ...ofOwners]) {
        for (const { api } of notFound) await refused(call(api), 404, 'not-found');
        await refused(call(server.anonymous), 401, 'unauthenticated');
      }
      const [forbidden, unseen] = ['403 forbidden', '404 not-found'];
      expect(byOwner).toEqual([
        forbidden,
        unseen,
        unseen,
        forbidden,
        forbidden,
        forbidden,
        forbidden,
        forbidden,
        unseen,
        unseen,
        unseen,
        unseen,
      ]);
      for (const { api } of notFound) await refused(api.get(group.path), 404, 'not-found');
      for (const { api } of insiders) await api.get(`${organisation.path}/groups`).expect(200);
      const [stranger, patient, member] = notFound.slice(insiders.length);
      for (const { api } of [stranger!, member!])
        await refused(api.get(`${organisation.path}/groups`), 404, 'not-found');
      await refused(patient!.api.get(`${organisation.path}/groups`), 403, 'forbidden');
    });

    it('are open to a super-admin without a membership, and not to support', async () => {
      const lonely = await createGroup(server, organisation, 'Lonely', owner.api);
      await server.admin.get(`${lonely.path}/members`).expect(200);
      await inviting(server.admin, lonely).expect(201);
      const {
        body: {
          results: [{ invitationId: _ }],
        },
      } = await server.admin
        .post('/v1/platform/staff-invitations', { emails: ['support@example.test'], role: 'support' })
        .expect(201);
      const { token } = await server.smtp.mailTo('support@example.test');
      const { body } = await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Support', password: 'a perfectly fine password' })
        .expect(200);
      await refused(server.signedIn(body.token).get(`${lonely.path}/members`), 404, 'not-found');
    });

    it('are closed to the administrator of another group, also by their ids', async () => {
      const another = await createGroup(server, organisation, 'Another one');
      const [member, file, own] = [
        await joinGroup(server, another),
        await addFile(server.admin, another),
        await addFile(creator.api),
      ];
      const [fileId, ownId] = [file, own].map((path) => path.slice(path.lastIndexOf('/') + 1));
      await refused(
        administrator.api.put(`${own}/exceptions/${member.membershipId}`, { contentCreator: true }),
        404,
        'not-found',
      );
      await refused(administrator.api.get(`${group.path}/files/${fileId!}/access`), 404, 'not-found');
      await refused(administrator.api.get(`${another.path}/files/${ownId!}/access`), 404, 'not-found');
      await refused(server.admin.get(`${another.path}/files/${ownId!}/access`), 404, 'not-found');
      await refused(changing(administrator.api, member, { contentCreator: true }), 404, 'not-found');
      await administrator.api.get(`${group.path}/files/${ownId!}/access`).expect(200);
    });

    it('are open to a new member and closed to a removed member from the next call on', async () => {
      const member = await withPlaceElsewhere(server, await joinGroup(server, group, { administrator: true }));
      await inviting(member.api).expect(201);
      await changing(administrator.api, member, { contentCreator: true }).expect(200);
      await refused(inviting(member.api), 403, 'forbidden');
      await addFile(member.api);
      await removing(administrator.api, member).expect(204);
      const { status } = await member.api.get(`${group.path}/files`);
      expect([403, 404]).toContain(status);
      await readModelsCaughtUp(server);
      await refused(member.api.get(`${group.path}/files`), 404, 'not-found');
    });

    it('are open by an invitation whose inviter left, because a member has no power over others', async () => {
      const inviter = await joinGroup(server, group, { administrator: true });
      const { token } = await inviteToGroup(server, inviter.api, group, freshEmail(), { administrator: true });
      await removing(administrator.api, inviter).expect(204);
      await server.anonymous
        .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: 'a perfectly fine password' })
        .expect(200);
    });
  });

  describe('keep an administrator', () => {
    it('and a change keeps the fields that it leaves out', async () => {
      const group = await createGroup(server, organisation);
      const { membershipId } = await joinGroup(server, group, { administrator: true });
      const changed = async (body: object) =>
        (await server.admin.patch(`/v1/group-members/${membershipId}`, body).expect(200)).body;
      expect(await changed({ contentCreator: true })).toMatchObject({ administrator: true, contentCreator: true });
      expect(await changed({ administrator: false })).toMatchObject({ administrator: false, contentCreator: true });
      expect(await changed({})).toMatchObject({ administrator: false, contentCreator: true });
    });

    it('and members can leave, but not change their own permission set', async () => {
      for (const set of [{ administrator: true }, { administrator: false }])
        await refused(changing(administrator.api, administrator, set), 403, 'own-role');
      const member = await withPlaceElsewhere(server, await joinGroup(server, group));
      await refused(changing(member.api, member, { administrator: true }), 403, 'own-role');
      await removing(member.api, member).expect(204);
      await refused(removing(member.api, member), 404, 'not-found');
      await refused(changing(administrator.api, member, {}), 404, 'not-found');
    });

    it("who can't leave, be removed or be changed before there is a second one, not even by a super-admin", async () => {
      const own = await createGroup(server, organisation, 'Of one', owner.api);
      await readModelsCaughtUp(server);
      const [founder] = (await owner.api.get(`${own.path}/members`).expect(200)).body.items;
      expect(founder).toMatchObject({ email: owner.email, administrator: true, contentCreator: true });
      const last = { ...owner, membershipId: founder.id as string };
      await refused(removing(owner.api, last), 409, 'last-owner');
      await refused(removing(server.admin, last), 409, 'last-owner');
      await refused(changing(server.admin, last, { contentCreator: true }), 409, 'last-owner');
      await changing(server.admin, last, { administrator: true }).expect(200);
      const second = await joinGroup(server, own, { administrator: true });
      await removing(owner.api, last).expect(204);
      await refused(removing(second.api, second), 409, 'last-owner');
    });
  });

  describe('belong to the account administrators of the organisation', () => {
    it('who list all of them, while members list their own', async () => {
      const { body } = await owner.api.get(group.path).expect(200);
      expect(body).toMatchObject({ id: group.id, organisationId: organisation.id });
      const all = await namesOf(owner.api);
      expect(all).toEqual([...all].sort());
      expect(all.length).toBeGreaterThan(2);
      expect(await namesOf(server.admin)).toEqual(all);
      expect(await namesOf(creator.api)).toEqual([body.name]);
      expect(await namesOf((await join(server, organisation, 'contributor')).api)).toEqual([]);
      const pages = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = (
          await owner.api.get(`${organisation.path}/groups?limit=2${cursor ? `&cursor=${cursor}` : ''}`).expect(200)
        ).body as { items: { name: string }[]; nextCursor: string | null };
        pages.push(...page.items.map(({ name }) => name));
        cursor = page.nextCursor;
      }
      expect(pages).toEqual(all);
    });

    it('who see content only as invited members', async () => {
      const [place, second] = [
        await createGroup(server, organisation, 'With its owner'),
        await join(server, organisation, 'organisation-owner'),
      ];
      const { token } = await inviteToGroup(server, server.admin, place, second.email);
      await refused(second.api.get(`${place.path}/files`), 403, 'forbidden');
      await second.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
      await second.api.get(`${place.path}/files`).expect(200);
      await refused(inviting(second.api, place), 403, 'forbidden');
    });

    it('who alone delete them', async () => {
      const editor = await join(server, organisation, 'organisation-editor');
      for (const { api } of [administrator, creator, editor]) {
        const [status, code] = api === editor.api ? ([404, 'not-found'] as const) : ([403, 'forbidden'] as const);
        await refused(api.delete(group.path), status, code);
        await refused(api.post(`${group.path}/restore`), status, code);
        await refused(api.get(`${organisation.path}/groups?state=deleted`), 403, 'forbidden');
      }
    });

    it('who restore a deleted group unchanged within 30 days, while its members see nothing and its links wait', async () => {
      const place = await createGroup(server, organisation, 'Short-lived');
      const member = await joinGroup(server, place, { administrator: true, contentCreator: true });
      const { token } = await inviteToGroup(server, member.api, place, freshEmail('waiting'));
      const file = await addFile(member.api, place);
      const calls = [...(await insides(place)), ...(await outsides(place))];
      await owner.api.delete(place.path).expect(204);
      await owner.api.delete(place.path).expect(204);
      for (const call of calls) await refused(call(member.api), 404, 'not-found');
      await refused(member.api.get(place.path), 404, 'not-found');
      await refused(member.api.delete(place.path), 404, 'not-found');
      await refused(member.api.post(`${place.path}/restore`), 404, 'not-found');
      await refused(removing(member.api, member), 404, 'not-found');
      await refused(changing(member.api, member, {}), 404, 'not-found');
      expect((await member.api.get('/v1/me').expect(200)).body.groups).toEqual([]);
      const answers = [
        server.anonymous.post(`/v1/invitations/${token}/accept`, {
          name: 'Ann',
          password: 'a perfectly fine password',
        }),
        server.anonymous.post(`/v1/invitations/${token}/decline`),
      ];
      for (const answer of answers) await refused(answer, 409, 'scope-archived');
      expect([await namesOf(owner.api), await namesOf(owner.api, '?state=deleted')]).toEqual([
        expect.not.arrayContaining(['Short-lived']),
        ['Short-lived'],
      ]);
      const { body } = await owner.api.get(place.path).expect(200);
      expect(Date.parse(body.restorableUntil) - Date.parse(body.deletedAt)).toBe(30 * DAY);
      clock.set(body.restorableUntil, -1);
      const restored = (await owner.api.post(`${place.path}/restore`).expect(200)).body;
      expect([restored.name, restored.deletedAt, restored.restorableUntil]).toEqual([
        'Short-lived',
        undefined,
        undefined,
      ]);
      await member.api.get(file).expect(200);
      expect((await member.api.get('/v1/me').expect(200)).body.groups).toMatchObject([
        { scope: { id: place.id, name: 'Short-lived' }, administrator: true, contentCreator: true },
      ]);
      expect((await server.anonymous.get(`/v1/invitations/${token}`).expect(410)).body.code).toBe('invitation-expired');
    });

    it('who cannot restore a deleted group after 30 days', async () => {
      const place = await createGroup(server, organisation, 'Forgotten');
      await owner.api.delete(place.path).expect(204);
      const { restorableUntil } = (await owner.api.get(place.path).expect(200)).body;
      clock.set(restorableUntil);
      for (const api of [owner.api, server.admin]) {
        await refused(api.post(`${place.path}/restore`), 409, 'not-restorable');
        await refused(api.get(place.path), 404, 'not-found');
        expect(await namesOf(api, '?state=deleted')).not.toContain('Forgotten');
      }
    });
  });
});
