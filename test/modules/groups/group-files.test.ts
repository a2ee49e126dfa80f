import { randomUUID } from 'node:crypto';
import { Random } from '../../shared/event-sourcing/event-store-support.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createGroup,
  createOrganisation,
  join,
  inviteToGroup,
  joinGroup,
  readModelsCaughtUp,
  withPlaceElsewhere,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const ENTRY = {
  name: 'Minutes.pdf',
  size: 5_000_000_000,
  type: 'application/pdf',
  url: 'https://files.example.org/7f3a',
};

describeOnOneEngine('files of a group', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  let administrator: Member;
  let viewer: Member;

  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
    administrator = await joinGroup(server, group, { administrator: true });
    viewer = await joinGroup(server, group);
  });
  afterAll(async () => {
    await server.close();
  });

  async function add(entry: object = {}, by = server.admin): Promise<string> {
    return (await by.post(`${group.path}/files`, { ...ENTRY, ...entry }).expect(201)).body.id;
  }
  const editing = (by: Api, id: string) => by.patch(`/v1/group-files/${id}`, { name: 'Edited.pdf' });
  const except = (id: string, { membershipId }: Member, contentCreator: boolean) =>
    administrator.api.put(`/v1/group-files/${id}/exceptions/${membershipId}`, { contentCreator });
  const ask = async (by: Api, scope: string, permission: string) =>
    by.get(`/v1/me/access?scope=${scope}&permission=${permission}`);
  async function accessTo(id: string, { membershipId }: Member) {
    await readModelsCaughtUp(server);
    const { body } = await administrator.api.get(`/v1/group-files/${id}/access`).expect(200);
    return body.items.find(({ memberId }: { memberId: string }) => memberId === membershipId);
  }

  it('are entries with name, size, type and address, where null means unknown', async () => {
    const id = await add();
    const { body } = await viewer.api.get(`/v1/group-files/${id}`).expect(200);
    expect(body).toMatchObject({
      id,
      groupId: group.id,
      ...ENTRY,
      addedBy: { name: 'First Administrator' },
      mayEdit: false,
    });
    const edited = (
      await server.admin
        .patch(`/v1/group-files/${id}`, { name: 'Minutes of March.pdf', size: null, type: null })
        .expect(200)
    ).body;
    expect(edited).toMatchObject({ ...body, name: 'Minutes of March.pdf', size: null, type: null, mayEdit: true });
    await server.admin.delete(`/v1/group-files/${id}`).expect(204);
    for (const call of [
      viewer.api.get(`/v1/group-files/${id}`),
      editing(server.admin, id),
      server.admin.delete(`/v1/group-files/${id}`),
      except(id, viewer, true),
    ])
      await call.expect(404);
    await readModelsCaughtUp(server);
    expect((await viewer.api.get(`${group.path}/files`).expect(200)).body.items).toEqual([]);
  });

  it('have names of up to 255 characters, which fit an index and a cursor in the widest letters', async () => {
    const [long, random] = [
      await createGroup(server, organisation, 'Long names'),
      new Random(`long names ${engine.name}`),
    ];
    const name = Array.from({ length: 255 }, () => `${String.fromCodePoint(0x1f300 + random.int(0x300))}\ufe0f`).join(
      '',
    );
    for (const each of [name, `a${name.slice(3)}`])
      await server.admin.post(`${long.path}/files`, { ...ENTRY, name: each }).expect(201);
    await readModelsCaughtUp(server);
    const first = (await server.admin.get(`${long.path}/files?limit=1`).expect(200)).body;
    const second = (await server.admin.get(`${long.path}/files?limit=1&cursor=${first.nextCursor}`).expect(200)).body;
    expect([...first.items, ...second.items].map((item: { name: string }) => item.name).sort()).toEqual(
      [name, `a${name.slice(3)}`].sort(),
    );
    await server.admin.post(`${long.path}/files`, { ...ENTRY, name: 'x'.repeat(256) }).expect(400);
  });

  it('are listed by name, page by page, each once', async () => {
    const names = ['a.pdf', 'b.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];
    const ids = await Promise.all([...names].reverse().map(async (name) => add({ name })));
    await readModelsCaughtUp(server);
    const seen: { id: string; name: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer = await viewer.api
        .get(`${group.path}/files?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
        .expect(200);
      const page = answer.body as { items: { id: string; name: string }[]; nextCursor: string | null };
      seen.push(...page.items);
      cursor = page.nextCursor;
    }
    expect([seen.map(({ name }) => name), seen.map(({ id }) => id).sort()]).toEqual([names, [...ids].sort()]);
  });

  describe('have exceptions', () => {
    it('that act on the next call, and end when they are cleared', async () => {
      const id = await add();
      const { status } = await editing(viewer.api, id);
      await except(id, viewer, true).expect(204);
      const edited = await editing(viewer.api, id);
      await except(id, viewer, false).expect(204);
      const denied = await editing(viewer.api, id);
      await except(id, viewer, true).expect(204);
      await administrator.api.delete(`/v1/group-files/${id}/exceptions/${viewer.membershipId}`).expect(204);
      expect([status, edited.status, denied.status, (await editing(viewer.api, id)).status]).toEqual([
        403, 200, 403, 403,
      ]);
      expect(await accessTo(id, viewer)).toMatchObject({ mayView: true, mayEdit: false, reason: 'permission-set' });
    });

    it('that no member can set or clear for themselves', async () => {
      const id = await add();
      const own = `/v1/group-files/${id}/exceptions/${administrator.membershipId}`;
      expect((await administrator.api.put(own, { contentCreator: true }).expect(403)).body.code).toBe('own-role');
      await server.admin.put(own, { contentCreator: false }).expect(204);
      expect((await administrator.api.delete(own).expect(403)).body.code).toBe('own-role');
      expect((await editing(administrator.api, id)).status).toBe(403);
    });

    it('that are for members of this group alone', async () => {
      const [id, elsewhere] = [
        await add(),
        await joinGroup(server, await createGroup(server, organisation, 'Another')),
      ];
      const colleague = await join(server, organisation, 'contributor');
      const { membershipId } = await joinGroup(server, group);
      await administrator.api.delete(`/v1/group-members/${membershipId}`).expect(204);
      for (const memberId of [elsewhere.membershipId, colleague.membershipId, membershipId, randomUUID()]) {
        await administrator.api
          .put(`/v1/group-files/${id}/exceptions/${memberId}`, { contentCreator: true })
          .expect(404);
        await administrator.api.delete(`/v1/group-files/${id}/exceptions/${memberId}`).expect(404);
      }
    });

    it.each([true, false])(
      'that end with the membership: a member who left and came back has none (%s)',
      async (contentCreator) => {
        const id = await add();
        const set = { contentCreator: !contentCreator };
        const member = await withPlaceElsewhere(server, await joinGroup(server, group, set));
        await except(id, member, contentCreator).expect(204);
        expect([(await editing(member.api, id)).status, await accessTo(id, member)]).toEqual([
          contentCreator ? 200 : 403,
          expect.objectContaining({ mayEdit: contentCreator, reason: 'exception' }),
        ]);
        await member.api.delete(`/v1/group-members/${member.membershipId}`).expect(204);
        expect(await accessTo(id, member)).toBeUndefined();
        const { token } = await inviteToGroup(server, administrator.api, group, member.email, set);
        const { body } = await member.api.post(`/v1/invitations/${token}/accept`, {}).expect(200);
        expect(body.membershipId).toBe(member.membershipId);
        expect([(await editing(member.api, id)).status, await accessTo(id, member)]).toEqual([
          contentCreator ? 403 : 200,
          expect.objectContaining({ mayEdit: !contentCreator, reason: 'permission-set' }),
        ]);
        expect((await ask(member.api, id, 'file.edit')).body.allowed).toBe(!contentCreator);
        await except(id, member, contentCreator).expect(204);
        expect((await editing(member.api, id)).status).toBe(contentCreator ? 200 : 403);
      },
    );
  });

  it('are all edited by a super-admin, in spite of a permission set and an exception', async () => {
    const id = await add();
    await readModelsCaughtUp(server);
    const [founder] = (await server.admin.get(`${group.path}/members`).expect(200)).body.items;
    const member = { membershipId: founder.id } as Member;
    await administrator.api
      .patch(`/v1/group-members/${String(founder.id)}`, { administrator: false, contentCreator: false })
      .expect(200);
    await except(id, member, false).expect(204);
    expect((await editing(server.admin, id)).status).toBe(200);
    expect((await ask(server.admin, id, 'file.edit')).body).toMatchObject({
      allowed: true,
      reason: { by: 'platform' },
    });
    expect(await accessTo(id, member)).toMatchObject({
      administrator: false,
      contentCreator: false,
      mayEdit: true,
      reason: 'platform',
    });
  });

  describe('and other scopes: the answer to what a caller may do', () => {
    it('names the role that allows it, and agrees with the calls', async () => {
      const deployment = await createDeployment(server, organisation);
      const controller = await join(server, organisation, 'access-controller');
      const asked = async (scope: string, permission: string) => (await ask(controller.api, scope, permission)).body;
      const reason = { by: 'role', role: 'access-controller', roleName: 'Access Controller' };
      for (const place of [organisation, deployment]) {
        expect(await asked(place.id, 'staff.manage')).toEqual({
          scope: place.id,
          permission: 'staff.manage',
          allowed: true,
          reason,
        });
        expect(
          (
            await controller.api.post(`${place.path}/staff-invitations`, {
              emails: ['ann@example.test'],
              role: 'deployment-staff',
              dryRun: true,
            })
          ).status,
        ).toBe(201);
      }
      expect(await asked(deployment.id, 'patients.manage')).toEqual({
        scope: deployment.id,
        permission: 'patients.manage',
        allowed: false,
      });
      expect(
        (
          await controller.api.post(`${deployment.path}/patient-invitations`, {
            emails: ['ann@example.test'],
            dryRun: true,
          })
        ).status,
      ).toBe(403);
      for (const answer of [ask(controller.api, group.id, 'group.view'), controller.api.get(`${group.path}/members`)])
        expect((await answer).status).toBe(404);
    });

    it('is 404 about scopes that the caller may not see', async () => {
      const stranger = await join(server, await createOrganisation(server, 'Elsewhere'), 'organisation-owner');
      const id = await add();
      const answers = [];
      for (const scope of [organisation.id, group.id, id, randomUUID()]) {
        const { status, body } = await ask(stranger.api, scope, 'staff.manage');
        answers.push([status, body.code]);
      }
      expect(answers).toEqual(Array(4).fill([404, 'not-found']));
    });

    it('about a file follows its group, for ids in capitals too', async () => {
      const colleague = await join(server, organisation, 'contributor');
      const id = await add();
      const of = async (by: Api, scope: string, permission: string) => (await ask(by, scope, permission)).body.allowed;
      const refusals = [
        await ask(colleague.api, group.id, 'group.view'),
        await ask(colleague.api, id, 'file.view'),
        await ask(colleague.api, id, 'file.edit'),
      ];
      expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404]);
      expect([await of(server.admin, group.id, 'staff.manage'), await of(server.admin, id, 'staff.manage')]).toEqual([
        true,
        true,
      ]);
      expect([
        await of(viewer.api, id.toUpperCase(), 'file.view'),
        await of(viewer.api, group.id.toUpperCase(), 'group.view'),
      ]).toEqual([true, true]);
    });

    it('about a deleted group is 404 for its members', async () => {
      const gone = await createGroup(server, organisation, 'Gone');
      const member = await joinGroup(server, gone, { administrator: true });
      const { body } = await server.admin.post(`${gone.path}/files`, ENTRY).expect(201);
      await server.admin.delete(gone.path).expect(204);
      expect([
        (await ask(member.api, gone.id, 'group.view')).status,
        (await ask(member.api, body.id, 'file.view')).status,
        (await ask(server.admin, gone.id, 'group.view')).body.allowed,
      ]).toEqual([404, 404, false]);
    });
  });
});
