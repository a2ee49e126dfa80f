import { sql } from 'kysely';
import { LeaderElection } from '../../../../src/shared/cluster/leader-election.js';
import { PreviewLimit } from '../../../../src/modules/invitations/invite/limits/preview-limit.js';
import { describeOnOneEngine } from '../../../support/engines.js';
import { TestClock } from '../../../support/test-clock.js';
import { startTestServer, type Api, type TestServer } from '../../../support/test-server.js';
import { waitFor } from '../../../support/wait-for.js';
import { createOrganisation, join } from '../../../support/scenarios.js';
import { fresh, HOUR, limitsOn, PLATFORM_STAFF, type Invites } from './limits-support.js';

describeOnOneEngine('dry runs and import previews', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  afterEach(async () => {
    await server.close();
  });

  async function start(settings: Record<string, string> = {}): Promise<void> {
    clock = new TestClock();
    server = await startTestServer(engine, settings, { clock });
  }
  const { places, inviting, refused } = limitsOn(() => server);

  const dryRun = (to: Invites, emails: string[], by = server.admin) => inviting(to, emails, { dryRun: true }, by);
  const preview = (to: Invites, emails: string[], by: Api = server.admin) =>
    by.post(`${to.path}/import`).attach('file', Buffer.from(emails.join('\n')), 'people.csv');

  it('are limited to a number of distinct addresses per hour and caller, together for all types', async () => {
    await start({ PREVIEWS_PER_HOUR: '12' });
    const all = await places();
    const emails = fresh(12);
    // An address counts once, also in another call or file.
    for (const to of all) {
      await dryRun(to, emails.slice(0, 6)).expect(201);
      await preview(to, emails.slice(4, 10)).expect(200);
    }
    for (const to of [...all, PLATFORM_STAFF]) {
      await refused(() => dryRun(to, fresh(3)), 'quota-exceeded', HOUR, 2);
      await refused(() => preview(to, fresh(3)), 'quota-exceeded', HOUR, 2);
      await refused(() => inviting(to, ['nonsense', ...fresh(3)], { mode: 'atomic' }), 'quota-exceeded', HOUR, 2);
    }
    // A refused atomic call counts, because it tells as much as a dry run.
    await inviting(all[0]!, ['nonsense', emails[10]!], { mode: 'atomic' }).expect(422);
    await refused(() => dryRun(all[0]!, fresh(2)), 'quota-exceeded', HOUR, 1);
    await dryRun(all[0]!, [emails[11]!]).expect(201);
    await refused(() => dryRun(all[0]!, fresh(1)), 'quota-exceeded', HOUR, 0);
    const owner = await join(server, all[0]!.place, 'organisation-owner');
    await dryRun(all[0]!, fresh(12), owner.api).expect(201);
    // An invitation does not count as a preview.
    await inviting(all[0]!, fresh(2)).expect(201);
    clock.advance(HOUR);
    await dryRun(all[0]!, fresh(12)).expect(201);
  });

  it('stay within the limit at two instances and across a restart', async () => {
    await start({ PREVIEWS_PER_HOUR: '10' });
    const [to] = await places();
    const other = engine.name === 'PGlite' ? server : await server.another();
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => dryRun(to!, fresh(3), (n % 2 === 0 ? server : other).admin)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    await server.running.close();
    server = other === server ? await server.another() : other;
    await refused(() => dryRun(to!, fresh(2)), 'quota-exceeded', HOUR, 1);
  });

  it('keep no address, and are deleted when their hour is over', async () => {
    await start();
    const [to] = await places();
    await dryRun(to!, fresh(50)).expect(201);
    const {
      rows: [row],
    } = await sql<{ bits: string }>`select bit_count(seen)::text as bits from preview_sketch`.execute(
      server.database.kysely(),
    );
    expect(Number(row!.bits)).toBeGreaterThan(48);
    expect((await sql`select 1 from person`.execute(server.database.kysely())).rows).toHaveLength(1);
    clock.advance(HOUR);
    await waitFor('the lease', async () => Promise.resolve(server.running.app.get(LeaderElection).isLeader));
    await server.running.app.get(PreviewLimit).sweep();
    expect((await sql`select 1 from preview_sketch`.execute(server.database.kysely())).rows).toEqual([]);
  });

  it('are logged with the caller, the scope and the number of each outcome', async () => {
    await start();
    const [organisation, , patients] = await places();
    const {
      body: { personId },
    } = await server.admin.get('/v1/me').expect(200);
    const emails = fresh(3);
    await dryRun(organisation!, [...emails, emails[0]!, 'nonsense']).expect(201);
    await dryRun(organisation!, [emails[0]!]).expect(201);
    await preview(patients!, emails).expect(200);
    await inviting(patients!, ['nonsense', ...emails], { mode: 'atomic' }).expect(422);
    await inviting(organisation!, emails).expect(201);
    const lines = server.logs
      .map((line) => JSON.parse(line) as { msg?: string })
      .filter(({ msg }) => msg === 'invitations were previewed');
    const scope = { kind: 'organisation', id: organisation!.place.id };
    const deployment = { kind: 'deployment', id: patients!.place.id };
    expect(lines).toMatchObject([
      {
        asked: 'dry-run',
        actor: personId,
        scope,
        addresses: 5,
        summary: { invited: 3, 'duplicate-in-request': 1, 'invalid-email': 1 },
      },
      { asked: 'dry-run', actor: personId, scope, addresses: 1, summary: { invited: 1 } },
      { asked: 'file-review', actor: personId, scope: deployment, addresses: 3, summary: { invited: 3 } },
      {
        asked: 'atomic-call',
        actor: personId,
        scope: deployment,
        addresses: 4,
        summary: { invited: 3, 'invalid-email': 1 },
      },
    ]);
    for (const email of emails) expect(server.logs.join('')).not.toContain(email);
  });

  it('are unlimited if the limit is 0', async () => {
    await start({ PREVIEWS_PER_HOUR: '0' });
    await dryRun((await places())[0]!, fresh(5)).expect(201);
    expect((await sql`select 1 from preview_sketch`.execute(server.database.kysely())).rows).toEqual([]);
  });
});

describeOnOneEngine('the count of distinct addresses', (engine) => {
  it('has an error below one per cent at the default limit', async () => {
    const server = await startTestServer(engine);
    try {
      const organisation = await createOrganisation(server);
      const ask = (from: number, count: number) =>
        server.admin.post(`${organisation.path}/staff-invitations`, {
          emails: Array.from({ length: count }, (_, n) => `p${String(from + n)}@example.test`),
          role: 'contributor',
          dryRun: true,
        });
      await ask(0, 10_000).expect(201);
      await ask(0, 10_000).expect(201);
      await ask(10_000, 9_800).expect(201);
      const { body } = await ask(20_000, 400).expect(429);
      expect(body.left).toBeGreaterThan(0);
      expect(body.left).toBeLessThan(400);
    } finally {
      await server.close();
    }
  });
});
