import { BUILT_IN_ROLES } from '../../../src/modules/access/roles/built-in-roles.js';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { Release, ReleaseRecorder, releaseFrom } from '../../../src/modules/history/release/release-recorder.js';
import { CommandHandling, SYSTEM } from '../../../src/shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import { createOrganisation, join } from '../../support/scenarios.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STREAM = `role-${PLATFORM.id}`;

describeOnOneEngine('what built-in roles mean', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  const history = async () => server.running.app.get(EventStore).read(STREAM);

  it('is stored by the first start, once, also when instances start together', async () => {
    const { app } = server.running;
    const recorders = [1, 2, 3].map(() => new ReleaseRecorder(app.get(CommandHandling), new Release('9.9.9')));
    await Promise.all(recorders.map(async (recorder) => recorder.record()));
    const stored = await history();
    expect(stored).toHaveLength(1);
    expect(releaseFrom(stored)!.roles.map(({ id }) => id)).toEqual(BUILT_IN_ROLES.map(({ id }) => id));
  });

  it('changes nobody’s past when a release changes it, and shows as a change by the release', async () => {
    const organisation = await createOrganisation(server);
    await join(server, organisation, 'auditor');
    const before = (await server.admin.get(`${organisation.path}/access`).expect(200)).body;
    const meant = releaseFrom(await history())!;
    const roles = meant.roles.map((role) =>
      role.id === 'auditor' ? { ...role, permissions: ['audit.view', 'staff.view'] } : role,
    );
    // Another release than this one stores it, as at its first start.
    await runInContext({ correlationId: STREAM, causationId: STREAM, commandId: STREAM }, async () =>
      server.running.app
        .get(CommandHandling)
        .decideAlone(STREAM, { actor: SYSTEM, scope: PLATFORM, organisationId: null }, () => [
          { type: 'BuiltInRolesChanged', data: { ...meant, release: '10.0.0', roles } },
        ]),
    );
    const after = (await server.admin.get(`${organisation.path}/access`).expect(200)).body;
    const permissionsIn = ({ items }: { items: { role: string; permissions: string[] }[] }): string[] =>
      items.find(({ role }) => role === 'auditor')!.permissions.toSorted();
    expect(permissionsIn(before)).toEqual(['audit.view', 'deployment.view']);
    expect(permissionsIn(after)).toEqual(['audit.view', 'deployment.view', 'staff.view']);
    const then = (await server.admin.get(`${organisation.path}/access?number=${String(before.number)}`).expect(200))
      .body;
    expect(then.items).toEqual(before.items);
    const { body } = await server.admin
      .get(`${organisation.path}/access/diff?fromNumber=${String(before.number)}`)
      .expect(200);
    expect(body.items).toEqual([
      expect.objectContaining({
        change: 'changed',
        changedByRelease: true,
        permissionsGained: ['staff.view'],
        entries: [],
      }),
    ]);
  });
});
