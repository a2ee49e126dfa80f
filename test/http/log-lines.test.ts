import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { AccountSweep } from '../../src/modules/accounts/account-sweep.js';
import { IdempotencySweep } from '../../src/shared/http/idempotency/idempotency-sweep.js';
import { LeaderElection } from '../../src/shared/cluster/leader-election.js';
import { InvitationQuotas } from '../../src/modules/invitations/invite/limits/invitation-quotas.js';
import { OwnEvents } from '../../src/shared/rate-limits/own-events.js';
import { PreviewLimit } from '../../src/modules/invitations/invite/limits/preview-limit.js';
import { RateLimits } from '../../src/shared/rate-limits/rate-limits.js';
import { WorkFailures } from '../../src/shared/resilience/work-failures.js';
import { describeOnOneEngine } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation, join, idle } from '../support/scenarios.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describeOnOneEngine('log lines', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => server.close());

  const linesOf = ({ logs }: TestServer): Record<string, unknown>[] =>
    logs.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('name the signed-in caller, and nobody for an anonymous call', async () => {
    const organisation = await createOrganisation(server);
    const { api } = await join(server, organisation, 'contributor');
    await idle(server);
    const { body: me } = await api.get('/v1/me').expect(200);
    const ids = [
      (await api.get('/v1/me')).headers['request-id'],
      (await api.post(`${organisation.path}/archive`)).headers['request-id'],
      (await server.anonymous.get('/v1/me')).headers['request-id'],
    ];
    const lines = linesOf(server);
    expect(
      ids.map((id) =>
        lines.filter(({ requestId, msg }) => requestId === id && msg === 'request').map(({ actor }) => actor),
      ),
    ).toEqual([[me.personId], [me.personId], [undefined]]);
  });

  it('name the caller also in the error of a request', async () => {
    await sql`alter table organisation rename to organisation_away`.execute(server.database.kysely());
    try {
      const { headers } = await server.admin.get('/v1/organisations').expect(500);
      const lines = linesOf(server).filter(({ requestId }) => requestId === headers['request-id']);
      expect(lines.map(({ level, actor }) => [level, typeof actor])).toEqual([
        ['error', 'string'],
        ['info', 'string'],
      ]);
    } finally {
      await sql`alter table organisation_away rename to organisation`.execute(server.database.kysely());
    }
  });

  it('report a failing sweep once a minute, whichever sweep it is', async () => {
    const { app } = server.running;
    await waitFor('an instance that leads', async () => Promise.resolve(app.get(LeaderElection).isLeader));
    const { totals } = app.get(WorkFailures).counts;
    const tables = [
      'provisional_account',
      'idempotent_call',
      'own_event_count',
      'rate_limit',
      'invitation_quota',
      'preview_sketch',
    ];
    const rename = async (from: string, to: string): Promise<unknown> =>
      sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(server.database.kysely());
    for (const table of tables) await rename(table, `${table}_away`);
    try {
      const others = [OwnEvents, RateLimits, InvitationQuotas, PreviewLimit] as const;
      for (const sweep of [AccountSweep, IdempotencySweep]) await app.get(sweep).run();
      for (const sweep of others) await app.get<{ sweep(): Promise<void> }>(sweep).sweep();
    } finally {
      for (const table of tables) await rename(`${table}_away`, table);
    }
    expect(app.get(WorkFailures).counts.totals.get('sweep')).toBe(totals.get('sweep')! + tables.length);
    expect(linesOf(server).filter(({ work }) => work === 'sweep')).toEqual([
      expect.objectContaining({ level: 'warn', count: 1, err: expect.objectContaining({ code: '42P01' }) }),
    ]);
  });

  it('name the version and the instance, by the id in its lease', async () => {
    const { rows } = await sql<{ holder: string }>`select holder from work_lease where name = 'work'`.execute(
      server.database.kysely(),
    );
    const lines = linesOf(server);
    expect([...new Set(lines.map((line) => line['version']))]).toEqual([version]);
    expect(new Set(lines.map(({ instance }) => instance)).size).toBe(1);
    // An embedded installation has no lease, because it has one process.
    if (rows.length > 0) expect(rows).toEqual([{ holder: lines[0]!['instance'] }]);
  });

  it('of two instances have different ids', async () => {
    const other = await startTestServer(engine);
    await other.close();
    expect(linesOf(other)[0]!['instance']).not.toBe(linesOf(server)[0]!['instance']);
  });
});
