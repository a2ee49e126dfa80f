import { describeOnEngines } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { createDeployment, createGroup, createOrganisation } from '../../support/world.js';

describeOnEngines('profiles of organisations and deployments', (engine) => {
  let server: TestServer;
  beforeAll(async () => { server = await startTestServer(engine); });
  afterAll(async () => { await server.close(); });

  it('keep each target that is left out', async () => {
    const organisation = await createOrganisation(server);
    for (const { path } of [organisation, await createDeployment(server, organisation)]) {
      const targets = async (change: object) => (await server.admin.patch(path, { targets: change }).expect(200)).body.targets;
      expect([await targets({ patients: 5 }), await targets({ staff: 6 }), await targets({}), await targets({ patients: null })]).toEqual([
        { patients: 5, staff: null }, { patients: 5, staff: 6 }, { patients: 5, staff: 6 }, { patients: null, staff: 6 },
      ]);
    }
  });

  it('are taken as they are answered', async () => {
    const { path } = await createDeployment(server, await createOrganisation(server));
    const { id: _, organisationId: __, archived: ___, ...profile } = (await server.admin.get(path).expect(200)).body;
    expect((await server.admin.patch(path, profile).expect(200)).body).toMatchObject(profile);
  });

  it('say that an archived organisation archives its deployments', async () => {
    const organisation = await createOrganisation(server);
    const [open, shut] = [await createDeployment(server, organisation, 'Open'), await createDeployment(server, organisation, 'Shut')];
    await server.admin.post(`${shut.path}/archive`).expect(200);
    const archived = async () => {
      const { body } = await server.admin.get(`${organisation.path}/deployments`).expect(200);
      const each = await Promise.all([open, shut].map(async ({ path }) => (await server.admin.get(path).expect(200)).body.archived));
      expect(body.items.map((item: { archived: boolean }) => item.archived)).toEqual(each);
      return each;
    };
    const { headers } = await server.admin.post(`${organisation.path}/archive`).expect(200);
    await server.admin.after(headers['event-position']!, '/v1/me').expect(200);
    expect(await archived()).toEqual([true, true]);
    await server.admin.post(`${organisation.path}/restore`).expect(200);
    expect(await archived()).toEqual([false, true]);
  });

  it('and what else has a name turn nobody’s reading round, and run nothing', async () => {
    const organisation = await createOrganisation(server);
    const group = await createGroup(server, organisation);
    for (const [path, body, field] of [
      ['/v1/organisations', { name: 'Evil\u202Eeman' }, 'name'], [`${group.path}/files`, { name: '\u202Egpj.exe', url: 'x' }, 'name'],
      [`${group.path}/files`, { name: 'x', url: 'javascript:alert(1)' }, 'url'], [`${group.path}/files`, { name: 'x', url: ' DATA:text/html,x' }, 'url'],
    ] as const) {
      const { body: problem } = await server.admin.post(path, body).expect(400);
      expect(problem.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    }
    const deployment = await createDeployment(server, organisation);
    const { body: lines } = await server.admin.patch(deployment.path, { offboardingReasons: ['Moved', ' '] }).expect(400);
    expect(lines.errors).toEqual([{ field: 'offboardingReasons', message: 'each must be one line of text' }]);
    expect((await server.admin.post('/v1/organisations', { name: '  Ko\u0308ln ' }).expect(201)).body.name).toBe('K\u00f6ln');
    const { body: problem } = await server.admin.post(`${organisation.path}/staff-invitations`, { emails: [null], role: 'contributor' }).expect(400);
    expect(problem.errors).toEqual([{ field: 'emails', message: 'each must be a string' }]);
  });
});
