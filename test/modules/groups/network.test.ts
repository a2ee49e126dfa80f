import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  enrol,
  freshEmail,
  invite,
  inviteToGroup,
  join,
  joinGroup,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';

interface Found {
  personId: string;
  name: string;
  email: string;
}

describeOnOneEngine('the network of a group', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  let administrator: Member;
  /** A member of the group. */
  let member: Member;
  /** The network: staff of the organisation and of a deployment, a member of another group, a patient with a role. */
  let inside: Member[];
  /** A patient, staff of another organisation, a member of a group there, and an invitee. */
  let outside: Member[];

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    const deployment = await createDeployment(server, organisation);
    group = await createGroup(server, organisation);
    administrator = await joinGroup(server, group, { administrator: true });
    const { token } = await invite(server, server.admin, organisation, administrator.email, 'auditor');
    await administrator.api.post(`/v1/invitations/${token}/accept`).expect(200);
    member = await joinGroup(server, group);
    const both = await enrol(server, deployment);
    const { body } = await server.admin
      .post(`${deployment.path}/staff-invitations`, { emails: [both.email], role: 'contributor' })
      .expect(201);
    await both.api.post(`/v1/me/invitations/${String(body.results[0].invitationId)}/accept`).expect(200);
    inside = [
      await join(server, organisation, 'organisation-editor'),
      await join(server, organisation, 'auditor'),
      await join(server, deployment, 'contributor'),
      await joinGroup(server, await createGroup(server, organisation, 'Another'), {}, freshEmail('elsewhere')),
      both,
    ];
    const other = await createOrganisation(server, 'Elsewhere');
    outside = [
      await enrol(server, deployment),
      await join(server, other, 'organisation-owner'),
      await joinGroup(server, await createGroup(server, other)),
    ];
    await readModelsCaughtUp(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const search = async (query = '', by = administrator.api): Promise<{ items: Found[]; nextCursor: string | null }> =>
    (await by.get(`${group.path}/network${query}`).expect(200)).body;
  const emailsIn = ({ items }: { items: Found[] }): string[] => items.map(({ email }) => email).sort();
  const idOf = async ({ api }: { api: Api }): Promise<string> => (await api.get('/v1/me').expect(200)).body.personId;
  const idsOf = async (people: readonly Member[]): Promise<string[]> => Promise.all(people.map(idOf));
  const picking = (call: object, by = administrator.api) =>
    by.post(`${group.path}/invitations`, { administrator: false, contentCreator: true, ...call });

  async function stored(): Promise<unknown> {
    await readModelsCaughtUp(server);
    return { events: (await server.events()).length, mails: server.smtp.mails.length };
  }

  it('holds the staff of the organisation and members of its other groups, and no patients or outsiders', async () => {
    expect(emailsIn(await search())).toEqual(inside.map(({ email }) => email).sort());
    // The super-admin is not in it, because they are a member of this group and hold no role of the organisation.
    expect(emailsIn(await search('', server.admin))).toEqual(inside.map(({ email }) => email).sort());
    for (const { email, api } of outside)
      expect([
        (await search(`?q=${encodeURIComponent(email)}`)).items,
        (await api.get(`${group.path}/network`)).status,
      ]).toEqual([[], 404]);
  });

  it('is searched by a part of the name or the address, without case and without wildcards', async () => {
    const [editor] = inside as [Member];
    const [found] = (await search('?q=ORGANISATION-EDITOR')).items;
    expect(found).toEqual({ personId: await idOf(editor), name: 'Name of organisation-editor', email: editor.email });
    expect(emailsIn(await search(`?q=${encodeURIComponent(editor.email.slice(0, 12))}`))).toEqual([editor.email]);
    for (const q of ['%', '_', '\\', 'name_of', 'nobody like this'])
      expect((await search(`?q=${encodeURIComponent(q)}`)).items).toEqual([]);
  });

  it('is listed by name, page by page, each person once', async () => {
    const all: Found[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await search(`?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(emailsIn({ items: all })).toEqual(inside.map(({ email }) => email).sort());
    expect(all.map(({ name }) => name)).toEqual(all.map(({ name }) => name).sort());
  });

  it('is open to members with a role in the organisation, while others can only invite by address', async () => {
    const guest = await joinGroup(server, group, { administrator: true });
    const call = { personIds: [await idOf(inside[0]!)] };
    for (const answer of [
      await guest.api.get(`${group.path}/network`),
      await picking(call, guest.api),
      await picking({ ...call, dryRun: true }, guest.api),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    await picking({ emails: [freshEmail('by-address')] }, guest.api).expect(201);
    for (const [place, role] of [
      [await createDeployment(server, organisation), 'contributor'],
      [organisation, 'auditor'],
    ] as const) {
      const colleague = await join(server, place, role);
      const { token } = await inviteToGroup(server, server.admin, group, colleague.email, { administrator: true });
      await colleague.api.post(`/v1/invitations/${token}/accept`).expect(200);
      await readModelsCaughtUp(server);
      await search('', colleague.api);
      await server.admin.delete(`/v1/staff/${colleague.membershipId}`, { keepGroups: true }).expect(204);
      expect((await colleague.api.get(`${group.path}/network`).expect(403)).body.code).toBe('forbidden');
    }
    await server.admin.delete(`/v1/group-members/${guest.membershipId}`).expect(204);
  });

  it('leaves out a person who just left, also while the read models still show them', async () => {
    const leaver = await join(server, organisation, 'auditor', freshEmail('late'));
    const id = await idOf(leaver);
    await readModelsCaughtUp(server);
    await server.admin.delete(`/v1/staff/${leaver.membershipId}`).expect(204);
    await readModelsCaughtUp(server);
    // The row stands in for a read model that has not caught up.
    const list = async (active: boolean) =>
      sql`update staff_member set active = ${active} where id = ${leaver.membershipId}`.execute(
        server.database.kysely(),
      );
    await list(true);
    expect((await picking({ personIds: [id], dryRun: true }).expect(201)).body.results).toEqual([
      { personId: id, outcome: 'not-allowed' },
    ]);
    await list(false);
  });

  it('loses a person who leaves the organisation or joins the group', async () => {
    const [leaver, joiner] = [
      await join(server, organisation, 'auditor', freshEmail('leaver')),
      await join(server, organisation, 'auditor', freshEmail('joiner')),
    ];
    const leaverId = await idOf(leaver);
    await readModelsCaughtUp(server);
    expect(emailsIn(await search())).toEqual(expect.arrayContaining([leaver.email, joiner.email]));
    await server.admin.delete(`/v1/staff/${leaver.membershipId}`).expect(204);
    const { token } = await inviteToGroup(server, administrator.api, group, joiner.email);
    await joiner.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
    await readModelsCaughtUp(server);
    expect(emailsIn(await search())).toEqual(inside.map(({ email }) => email).sort());
    expect((await picking({ personIds: [leaverId] }).expect(201)).body.results).toEqual([
      { personId: leaverId, outcome: 'not-allowed' },
    ]);
  });

  it('loses people whose only group is deleted, and shows them again when it is restored', async () => {
    const other = await createGroup(server, organisation, 'Short-lived');
    const member = await joinGroup(server, other);
    const found = async (): Promise<boolean> => {
      await readModelsCaughtUp(server);
      return emailsIn(await search()).includes(member.email);
    };
    const before = await found();
    await server.admin.delete(other.path).expect(204);
    const [gone, list, elsewhere] = [
      await found(),
      await member.api.get(`${organisation.path}/groups`),
      await member.api.get(group.path),
    ];
    await server.admin.post(`${other.path}/restore`).expect(200);
    expect([before, gone, list.status, elsewhere.status, await found()]).toEqual([true, false, 404, 404, true]);
  });

  describe('is where administrators pick people by their ids', () => {
    it('and each id gets its own outcome, beside addresses in the same call', async () => {
      const picked = await join(server, organisation, 'auditor', freshEmail('picked'));
      const named = await join(server, organisation, 'auditor', freshEmail('named'));
      const waiting = await join(server, organisation, 'auditor', freshEmail('waiting'));
      const pending = await inviteToGroup(server, administrator.api, group, waiting.email);
      await readModelsCaughtUp(server);
      const [pickedId, namedId, waitingId, memberId, ownId] = await idsOf([
        picked,
        named,
        waiting,
        member,
        administrator,
      ]);
      const strangers = [...(await idsOf(outside)), randomUUID()];
      const personIds = [pickedId, namedId, waitingId, memberId, ownId, pickedId, ...strangers];
      const call = { emails: [named.email.toUpperCase(), 'nobody'], personIds };
      const before = await stored();
      const dry = (await picking({ ...call, dryRun: true }).expect(201)).body;
      const atomic = (await picking({ ...call, mode: 'atomic' }).expect(422)).body;
      expect([atomic.code, await stored()]).toEqual(['atomic-refused', before]);
      const { body } = await picking(call).expect(201);
      expect(body.results).toEqual([
        { email: named.email.toUpperCase(), outcome: 'invited', invitationId: expect.any(String) },
        { email: 'nobody', outcome: 'invalid-email' },
        { personId: pickedId, email: picked.email, outcome: 'invited', invitationId: expect.any(String) },
        { personId: namedId, email: named.email, outcome: 'duplicate-in-request' },
        {
          personId: waitingId,
          email: waiting.email,
          outcome: 'already-pending',
          invitationId: pending.id,
          role: 'viewer',
          roleName: 'Viewer',
          administrator: false,
          contentCreator: false,
        },
        { personId: memberId, email: member.email, outcome: 'already-member' },
        { personId: ownId, email: administrator.email, outcome: 'not-allowed' },
        { personId: pickedId, email: picked.email, outcome: 'duplicate-in-request' },
        // A person outside the network gets the outcome of an id that does not exist.
        ...strangers.map((personId) => ({ personId, outcome: 'not-allowed' })),
      ]);
      const outcomes = (answer: { results: { outcome: string }[] }) => answer.results.map(({ outcome }) => outcome);
      expect([outcomes(dry), dry.summary, outcomes(atomic)]).toEqual([outcomes(body), body.summary, outcomes(body)]);
      const { token } = await server.smtp.mailTo(picked.email, 2);
      const { body: offer } = await server.anonymous.get(`/v1/invitations/${token}`).expect(200);
      expect(offer).toMatchObject({
        kind: 'groupMember',
        scope: { id: group.id },
        administrator: false,
        contentCreator: true,
        email: picked.email,
        account: 'exists',
      });
      expect((await picked.api.get('/v1/me/invitations').expect(200)).body.items).toMatchObject([
        { kind: 'groupMember', scope: { id: group.id } },
      ]);
      await picked.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
      await readModelsCaughtUp(server);
      expect((await picked.api.get('/v1/me').expect(200)).body.groups).toMatchObject([
        { scope: { id: group.id }, administrator: false, contentCreator: true },
      ]);
    });

    it('and atomic mode invites all or none', async () => {
      const [one, two] = [
        await join(server, organisation, 'auditor', freshEmail('one')),
        await join(server, organisation, 'auditor', freshEmail('two')),
      ];
      await readModelsCaughtUp(server);
      const personIds = await idsOf([one, two]);
      const { body } = await picking({ personIds: [...personIds, randomUUID()], mode: 'atomic' }).expect(422);
      expect(body.summary).toMatchObject({ invited: 2, 'not-allowed': 1 });
      expect(
        (await picking({ personIds: personIds.map((id) => id.toUpperCase()), mode: 'atomic' }).expect(201)).body
          .summary,
      ).toMatchObject({ invited: 2 });
    });

    it('and a call names at least one person, and not too many', async () => {
      for (const nobody of [{}, { emails: [], personIds: [] }]) {
        const { body } = await picking(nobody).expect(400);
        expect(body.errors).toEqual([{ field: 'emails', message: expect.any(String) }]);
      }
      expect(
        (await picking({ emails: [], personIds: [randomUUID().toUpperCase()], dryRun: true }).expect(201)).body.summary,
      ).toMatchObject({ 'not-allowed': 1 });
      const many = Array.from({ length: 5001 }, () => randomUUID());
      const emails = Array.from({ length: 5000 }, (_, n) => `many-${String(n)}@example.test`);
      expect((await picking({ emails, personIds: many, dryRun: true }).expect(422)).body.code).toBe(
        'too-many-recipients',
      );
      expect(
        (await picking({ emails, personIds: many.slice(1), dryRun: true }).expect(201)).body.summary,
      ).toMatchObject({ invited: 5000, 'not-allowed': 5000 });
    });
  });
});
