import { sql, type Kysely } from 'kysely';
import { describeOnEngines } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation, freshEmail } from '../support/scenarios.js';

const ROUNDS = 10;

describeOnEngines('connections to the database that are lost during work', (engine) => {
  // PGlite has no connection to lose.
  const onServer = engine.name === 'PostgreSQL';
  let server: TestServer;
  let path: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    path = `${(await createOrganisation(server)).path}/staff-invitations`;
  });
  afterAll(async () => {
    await server.close();
  });

  const invite = async (emails: string[]) => server.admin.post(path, { emails, role: 'contributor' });
  const mustBeMailed = async (emails: string[]) =>
    server.smtp.waitUntil(() => emails.every((email) => server.smtp.to(email).length > 0), 60_000);
  const mustBeReady = async (): Promise<void> => {
    const { body } = await server.admin.get('/health/ready').expect(200);
    expect(body).toMatchObject({ pausedProjections: [] });
  };

  it('lose no invitation that was answered', async () => {
    const invited: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const emails = Array.from({ length: 40 }, () => freshEmail('kept'));
      const [answer] = await Promise.all([invite(emails), onServer ? terminate(server.database.kysely(), 'true') : 0]);
      if (answer.status === 201) invited.push(...emails);
      else expect(answer.status).toBeGreaterThanOrEqual(500);
    }
    expect(invited.length).toBeGreaterThan(0);
    await mustBeMailed(invited);
    await mustBeReady();
  }, 180_000);

  if (!onServer) return;
  it('pause no projection when they are lost repeatedly in the middle of its batch', async () => {
    const email = freshEmail('patient');
    await server.database.transaction(async (trx) => {
      await sql`lock table invitation in access exclusive mode`.execute(trx);
      await invite([email]);
      let lost = 0;
      await waitFor(
        'sessions that wait for the read model',
        async () => (lost += await terminate(trx, "wait_event_type = 'Lock'")) >= 4,
        60_000,
      );
    });
    await mustBeMailed([email]);
    await mustBeReady();
  }, 180_000);

  it('are ended by the server when a process is frozen in a transaction, so that another process can go on', async () => {
    const email = freshEmail('patient');
    let mailed = false;
    const frozen = server.database.transaction(async (trx) => {
      await sql`select from checkpoint for update`.execute(trx);
      expect((await invite([email])).status).toBe(201);
      await mustBeMailed([email]);
      mailed = true;
    });
    await expect(frozen).rejects.toThrow();
    expect(mailed).toBe(true);
    await mustBeReady();
  }, 180_000);
});

/** Ends the other connections that match, as a failover does. @returns how many it ended */
async function terminate(db: Kysely<object>, which: string): Promise<number> {
  // Without this, the server shows the same statistics during the whole transaction.
  await sql`select pg_stat_clear_snapshot()`.execute(db);
  const others = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${sql.raw(which)}`;
  return (await others.execute(db)).rows.length;
}
