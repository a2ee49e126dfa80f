import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Database } from '../../../src/shared/database/database.js';
import { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import { describeOnEngines } from '../../support/engines.js';
import {
  createOrganisation,
  freshEmail,
  idle,
  join,
  pauseReadModel,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

interface Entry {
  kind: string;
  summary: string;
  actor: { name?: string };
  scope: { kind: string };
}

const ACTS = ['ProjectionResumed', 'ProjectionRebuildRequested', 'ProjectionVerificationRequested', 'MailRetried'];

describeOnEngines('what operators do to the installation', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    server.smtp.refuse(() => null);
    await server.close();
  });

  const acts = async () =>
    (await server.events())
      .filter(({ type }) => ACTS.includes(type))
      .map(({ type, data, stream, metadata }) => ({ type, data, stream, actor: metadata.actor }));
  /** What a piece of work records. */
  const recordedBy = async (work: () => Promise<unknown>) => {
    const before = (await acts()).length;
    await work();
    return (await acts()).slice(before);
  };
  const isPaused = async (name: string): Promise<boolean> => {
    const states = await server.running.app.get(ProjectionRunner).status();
    return states.some((state) => state.name === name && state.error !== null);
  };

  it('is stored with who did it, and told in the timeline of the platform alone', async () => {
    const me = (await server.admin.get('/v1/me').expect(200)).body.personId as string;
    await pauseReadModel(server, 'group-list');
    const recorded = await recordedBy(async () => {
      await server.admin.post('/v1/projections/group-list/resume').expect(204);
      await server.admin.post('/v1/projections/group-list/rebuild').expect(204);
    });
    const stream = expect.stringMatching(/^installation-/);
    const data = { projection: 'group-list' };
    expect(recorded).toEqual([
      { type: 'ProjectionResumed', data, stream, actor: me },
      { type: 'ProjectionRebuildRequested', data, stream, actor: me },
    ]);
    await readModelsCaughtUp(server);
    const told = async (path: string) =>
      ((await server.admin.get(`${path}/history?limit=200`).expect(200)).body.items as Entry[]).filter(({ kind }) =>
        kind.startsWith('installation.'),
      );
    expect(await told(organisation.path)).toEqual([]);
    const [rebuilt, resumed] = await told('/v1/platform');
    expect(rebuilt).toMatchObject({
      kind: 'installation.projection-rebuild-requested',
      scope: { kind: 'platform' },
      summary: expect.stringMatching(/ asked to rebuild the read model group-list$/),
    });
    expect(resumed).toMatchObject({
      kind: 'installation.projection-resumed',
      summary: expect.stringMatching(/ let the read model group-list go on$/),
    });
  });

  it('is stored when a mail is retried, and not when it can not be', async () => {
    const email = freshEmail('never');
    server.smtp.refuse((to) => (to === email ? 550 : null));
    await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails: [email], role: 'contributor' })
      .expect(201);
    await idle(server);
    const { items } = (await server.admin.get('/v1/outbox?state=failed').expect(200)).body as {
      items: { key: string }[];
    };
    const { key } = items[0]!;
    server.smtp.refuse(() => null);
    const retried = { type: 'MailRetried', data: { key } };
    expect(await recordedBy(async () => server.admin.post(`/v1/outbox/${key}/retry`).expect(204))).toEqual([
      expect.objectContaining(retried),
    ]);
    await server.smtp.mailTo(email);
    await idle(server);
    expect(await recordedBy(async () => server.admin.post(`/v1/outbox/${key}/retry`).expect(409))).toEqual([]);
    expect(await recordedBy(async () => server.admin.post(`/v1/outbox/${randomUUID()}/retry`).expect(404))).toEqual([]);
  });

  it('is stored when the history is compared with the log, which names the rows that differ', async () => {
    const { membershipId } = await join(server, organisation, 'contributor');
    await server.admin.get(`${organisation.path}/access`).expect(200);
    const verify = async () => (await server.admin.post('/v1/projections/history/verify').expect(200)).body;
    const recorded = await recordedBy(async () => {
      const { entries, periods, ...rest } = await verify();
      expect(entries).toBeGreaterThan(5);
      expect(periods).toBeGreaterThan(5);
      expect(rest).toEqual({ differences: [], differencesInAll: 0 });
    });
    expect(recorded).toEqual([
      expect.objectContaining({ type: 'ProjectionVerificationRequested', data: { projection: 'history' } }),
    ]);
    const stream = `staff-${membershipId}`;
    const giveRole = async (role: string) =>
      sql`update grant_period set role = ${role} where key = ${stream}`.execute(
        server.running.app.get(Database).kysely(),
      );
    await giveRole('organisation-owner');
    const changed = expect.stringMatching(new RegExp(`^${stream} from \\d+$`));
    expect(await verify()).toMatchObject({
      differences: [{ table: 'grant_period', key: changed, what: 'changed', fields: ['role'] }],
      differencesInAll: 1,
    });
    await giveRole('contributor');
    const refused = await recordedBy(async () => {
      const { api } = await join(server, { id: 'platform', path: '/v1/platform' }, 'support');
      await api.post('/v1/projections/history/verify').expect(403);
    });
    expect(refused).toEqual([]);
  });

  it('is not stored where nothing was to do, or the caller may not', async () => {
    const { api } = await join(server, { id: 'platform', path: '/v1/platform' }, 'support');
    await pauseReadModel(server, 'group-list');
    const refused = async (path: string): Promise<void> => {
      await api.post(path).expect(403);
    };
    const recorded = await recordedBy(async () => {
      await refused('/v1/projections/group-list/resume');
      await refused('/v1/projections/group-list/rebuild');
      await server.admin.post('/v1/projections/nothing/resume').expect(404);
      await server.admin.post('/v1/projections/nothing/rebuild').expect(404);
      await server.admin.post('/v1/projections/invitation-mail/rebuild').expect(404);
      await server.admin.post('/v1/projections/invitation-list/resume').expect(204);
    });
    expect(recorded).toEqual([]);
    expect(await isPaused('group-list')).toBe(true);
    await server.admin.post('/v1/projections/group-list/resume').expect(204);
    expect(await isPaused('group-list')).toBe(false);
  });

  it('is stored before it is done, so that what is not stored is not done', async () => {
    await pauseReadModel(server, 'group-list');
    const runner = server.running.app.get(ProjectionRunner);
    const failing = async (): Promise<void> => Promise.reject(new Error('not stored'));
    await expect(runner.resume('group-list', failing)).rejects.toThrow('not stored');
    await expect(runner.rebuild('invitation-list', failing)).rejects.toThrow('not stored');
    expect(await isPaused('group-list')).toBe(true);
    expect((await runner.status()).find(({ name }) => name === 'invitation-list')!.rebuild).toBeNull();
    await server.admin.post('/v1/projections/group-list/resume').expect(204);
  });
});
