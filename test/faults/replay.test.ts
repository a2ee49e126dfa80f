import { sql } from 'kysely';
import { READ_MODELS } from '../../src/bootstrap/entities.js';
import { HISTORY_TABLES } from '../../src/modules/history/read-models/history-tables.js';
import { lines } from '../../src/shared/database/lists.js';
import { CATEGORIES } from '../../src/bootstrap/event-shapes.js';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { PositionTokens } from '../../src/shared/http/positions/event-position.js';
import { ProjectionRunner } from '../../src/shared/projections/projection-runner.js';
import { ProjectionRunners } from '../../src/shared/projections/projection-runners.js';
import { describeOnEngines } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createDeployment, createOrganisation, freshEmail } from '../support/scenarios.js';
import { LIFE_SETTINGS, liveALife, type Life } from './life.js';

interface Status {
  name: string;
  position: string | null;
  pausedAt: string | null;
  error: string | null;
  version: number;
  rebuild: object | null;
}

describeOnEngines('replaying a whole life', (engine) => {
  let server: TestServer;
  let life: Life;
  beforeAll(async () => {
    server = await startTestServer(engine, LIFE_SETTINGS);
    life = await liveALife(server);
    await allMailed();
  }, 120_000);
  afterAll(async () => {
    await server.close();
  });

  const statuses = async (): Promise<Status[]> =>
    ((await server.admin.get('/v1/projections').expect(200)).body as { items: Status[] }).items;
  const head = async (): Promise<string | null> => server.running.app.get(EventStore).head(CATEGORIES);

  /** Waits until every projection that isn't paused has seen the whole log, by its own checkpoint, and none is being rebuilt. */
  async function caughtUp(): Promise<void> {
    const end = await head();
    await waitFor('every projection at the end of the log', async () =>
      (await statuses()).every(
        ({ position, error, rebuild }) => rebuild === null && (error !== null || position === end),
      ),
    );
  }

  async function allMailed(): Promise<void> {
    await caughtUp();
    const waiting = async (): Promise<number> =>
      (
        await sql`select key from outbox where state = 'pending' and queued_at <= now()`.execute(
          server.database.kysely(),
        )
      ).rows.length;
    await waitFor('no pending mail', async () => (await waiting()) === 0);
  }

  /** Every row of these tables, as text. */
  async function dump(tables: readonly string[]): Promise<Record<string, string[]>> {
    const dumped: Record<string, string[]> = {};
    for (const table of tables) {
      const { rows } = await sql<{
        row: string;
      }>`select row_to_json(t)::text as row from ${sql.table(table)} t order by 1`.execute(server.database.kysely());
      dumped[table] = rows.map(({ row }) => row);
    }
    return dumped;
  }

  const MODELS = READ_MODELS.map(({ meta }) => String(meta.name));

  it('gives every read model row for row, mails nobody again and stores nothing', async () => {
    await caughtUp();
    const before = await dump([...MODELS, 'outbox']);
    for (const table of MODELS) expect(before[table]).not.toEqual([]);
    const [mails, end] = [server.smtp.mails.length, await head()];
    const rebuilt: string[] = [];
    for (const { name } of await statuses()) {
      // Not through the API: an operator's request is an event of its own, which the history would show.
      if (await server.running.app.get(ProjectionRunners).rebuild(name)) rebuilt.push(name);
      await caughtUp();
    }
    // The projection of batches fills two tables, and that of the history fills its own.
    expect(rebuilt).toHaveLength(MODELS.length - 1 - (HISTORY_TABLES.length - 1));
    expect(await dump([...MODELS, 'outbox'])).toEqual(before);
    await allMailed();
    expect([server.smtp.mails.length, await head()]).toEqual([mails, end]);
  });

  it('never shows an empty or half-filled read model, with or without a position to wait for', async () => {
    const path = `${life.organisation.path}/staff-invitations`;
    const end = server.running.app.get(PositionTokens).tokenOf((await head())!);
    const listed = async (): Promise<number[]> => {
      const answers = await Promise.all([
        server.admin.after(end, path).expect(200),
        server.admin.get(path).expect(200),
      ]);
      return answers.map(({ body }) => (body as { items: object[] }).items.length);
    };
    const before = await listed();
    const version = async (): Promise<number> =>
      (await statuses()).find(({ name }) => name === 'invitation-list')!.version;
    for (let round = 0; round < 3; round += 1) {
      const wanted = (await version()) + 1;
      await server.admin.post('/v1/projections/invitation-list/rebuild').expect(204);
      do expect(await listed()).toEqual(before);
      while ((await version()) < wanted);
    }
  });

  it('leaves tables and indexes unchanged, because later migrations need them', async () => {
    const described = async (): Promise<object[]> =>
      (
        await sql<object>`
      select 'column' as kind, table_name as of, column_name as name, concat_ws(' ', ordinal_position, data_type, is_nullable, column_default) as definition
        from information_schema.columns where table_schema = 'public'
      union all select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
      union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
      order by 1, 2, 3`.execute(server.database.kysely())
      ).rows;
    const before = await described();
    for (const { name } of await statuses()) await server.admin.post(`/v1/projections/${name}/rebuild`);
    await caughtUp();
    expect(await described()).toEqual(before);
    const { mikroOrm } = server.database;
    expect(await mikroOrm.schema.getUpdateSchemaSQL({ wrap: false, safe: true })).toBe('');
  });

  // These number or count events, so they rely on the checkpoint that commits with their rows.
  const COUNTING = ['history', 'invitation-weeks'];

  it('changes nothing when every event is applied a second time, unless a projection counts events', async () => {
    await caughtUp();
    const before = await dump([...MODELS, 'outbox']);
    const mails = server.smtp.mails.length;
    await sql`update checkpoint set position = null where not (name = any(${lines(COUNTING)}))`.execute(
      server.database.kysely(),
    );
    const [{ name } = { name: '' }] = (await statuses()).filter((status) => !COUNTING.includes(status.name));
    await server.admin.post(`/v1/projections/${name}/resume`).expect(204);
    await caughtUp();
    expect(await dump([...MODELS, 'outbox'])).toEqual(before);
    await allMailed();
    expect(server.smtp.mails).toHaveLength(mails);
  });

  it('loses nothing when read models are rebuilt while invitations go on', async () => {
    const organisation = await createOrganisation(server, 'Busy Hospital');
    const path = `${organisation.path}/staff-invitations`;
    const inviting = async (): Promise<void> => {
      for (let call = 0; call < 30; call += 1)
        await server.admin
          .post(path, { emails: [freshEmail('busy'), freshEmail('busy')], role: 'contributor' })
          .expect(201);
    };
    const work = { busy: true };
    const working = Promise.all([inviting(), inviting()]).finally(() => {
      work.busy = false;
    });
    const runner = server.running.app.get(ProjectionRunner);
    const names = ['invitation-list', 'organisation-list', 'person-directory'];
    for (let round = 0; work.busy && round < 40; round += 1) {
      await runner.rebuild(names[round % names.length]!);
      // Some rebuilds begin in the middle of a replay, and some when it has caught up.
      if (round % 2 === 0) await runner.caughtUp(100);
    }
    await working;
    await caughtUp();
    const after = await dump(MODELS);
    for (const { name } of await statuses()) await server.running.app.get(ProjectionRunners).rebuild(name);
    await caughtUp();
    expect(await dump(MODELS)).toEqual(after);
  });

  it('pauses only the projection that throws, reports it, and resumes where it stopped', async () => {
    await caughtUp();
    const db = server.database.kysely();
    await sql`alter table deployment rename to deployment_away`.execute(db);
    let created: { id: string };
    try {
      created = await createDeployment(server, life.organisation, 'Made while paused');
      await waitFor('a paused projection', async () => (await statuses()).some(({ pausedAt }) => pausedAt !== null));
      const paused = (await statuses()).filter(({ pausedAt }) => pausedAt !== null);
      expect(paused).toEqual([
        expect.objectContaining({
          name: 'deployment-list',
          pausedAt: expect.stringMatching(/^[\da-f-]{36}$/),
          error: expect.any(String),
        }),
      ]);
      await server.anonymous.get('/health/ready').expect(200);
      const health = await waitFor('the health report of the pause', async () => {
        const answer = await server.anonymous.get('/health');
        return answer.status === 503 && answer;
      });
      const [{ error }] = paused as [Status];
      expect(health.body).toMatchObject({
        pausedProjections: ['deployment-list'],
        reasons: [{ code: 'read-model-paused', name: 'deployment-list', error }],
      });
      const email = freshEmail('meanwhile');
      const path = `${life.organisation.path}/staff-invitations`;
      const { headers } = await server.admin.post(path, { emails: [email], role: 'contributor' }).expect(201);
      const { body } = await server.admin.after(headers['event-position']!, `${path}?q=${email}`).expect(200);
      expect((body as { items: object[] }).items).toHaveLength(1);
      await server.smtp.mailTo(email);
    } finally {
      await sql`alter table deployment_away rename to deployment`.execute(db);
    }
    await server.admin.post('/v1/projections/deployment-list/resume').expect(204);
    await caughtUp();
    await waitFor(
      'the health report without the pause',
      async () => (await server.anonymous.get('/health')).status === 200,
    );
    const { rows } = await sql`select id from deployment where id = ${created.id}`.execute(db);
    expect(rows).toHaveLength(1);
  });
});
