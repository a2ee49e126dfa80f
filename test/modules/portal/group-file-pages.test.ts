import { describeOnOneEngine } from '../../support/engines.js';
import { createGroup, createOrganisation, joinGroup, withPlaceElsewhere, type Place } from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { PDF, PNG, upload, uploadAgain } from '../groups/uploading.js';
import { signedInVisitor } from './portal-support.js';

const SETS = [
  { administrator: false, contentCreator: false },
  { administrator: false, contentCreator: true },
  { administrator: true, contentCreator: false },
  { administrator: true, contentCreator: true },
];

describeOnOneEngine('the page of a file with content', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let group: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    group = await createGroup(server, organisation);
  });
  afterAll(async () => server.close());

  const add = async (content: string | Buffer, name: string): Promise<string> =>
    String((await upload(server.admin, group, content, name).expect(201)).body.id);
  const pageOf = (id: string, { path } = group): string => `${path.replace('/v1/', '/portal/')}/files/${id}`;

  it.each(SETS)('previews and downloads each version, and lets editors alone rename it, for %j', async (set) => {
    const id = await add(PDF, 'Minutes.pdf');
    await uploadAgain(server.admin, `/v1/group-files/${id}`, PNG).expect(200);
    const visitor = await signedInVisitor(server, await joinGroup(server, group, set));
    const { status, text, headers } = await visitor.get(pageOf(id));
    const content = `/v1/group-files/${id}/content`;
    expect([status, text.includes(`class="button" href="${content}"`)]).toEqual([200, true]);
    expect(text).toContain(`src="/v1/group-files/${id}/preview"`);
    expect(headers['content-security-policy']).toMatch(/;frame-src 'self'$/);
    for (const version of ['1', '2']) {
      expect(text).toContain(`href="${content}?version&#x3D;${version}"`);
      expect((await visitor.get(`${content}?version=${version}`)).status).toBe(200);
    }
    expect([text.includes('id="name"'), text.includes('id="url"')]).toEqual([set.contentCreator, false]);
    const renamed = await visitor.submit(pageOf(id), { name: 'Renamed.pdf', url: 'https://files.example/a' });
    expect([renamed.status, renamed.headers['location']]).toEqual(
      set.contentCreator ? [303, `${pageOf(id)}?done=file-saved`] : [403, undefined],
    );
  });

  it('has no frame for a file that browsers may run, nor for a link', async () => {
    const link = await server.admin.post(`${group.path}/files`, { name: 'Link', url: 'https://files.example/a' });
    const visitor = await signedInVisitor(server, await joinGroup(server, group));
    for (const id of [await add('MZ\0\0', 'run.exe'), String(link.body.id)]) {
      const { status, text, headers } = await visitor.get(pageOf(id));
      expect([status, text.includes('<iframe')]).toEqual([200, false]);
      expect(headers['content-security-policy']).not.toContain('frame-src');
    }
  });

  it('is for nobody who left, and not in another group', async () => {
    const id = await add(PDF, 'Minutes.pdf');
    const member = await withPlaceElsewhere(server, await joinGroup(server, group));
    const visitor = await signedInVisitor(server, member);
    await member.api.delete(`/v1/group-members/${member.membershipId}`).expect(204);
    for (const path of [pageOf(id), `/v1/group-files/${id}/content`])
      expect((await visitor.get(path)).status).toBe(404);
    const other = await createGroup(server, organisation, 'Ethics board');
    const stranger = await signedInVisitor(server, await joinGroup(server, other));
    for (const path of [pageOf(id), pageOf(id, other)]) expect((await stranger.get(path)).status).toBe(404);
  });
});
