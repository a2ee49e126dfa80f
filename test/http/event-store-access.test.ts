import { describeOnOneEngine } from '../support/engines.js';
import { FakeEventStoreDb } from '../support/eventstoredb-fake/fake.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

const SENTENCE =
  'EventStoreDB refuses access: check the user and password in EVENTSTORE_URL, and what this user may read and write (docs/eventstoredb.md)';
const DENIALS = ['access-denied', 'unauthenticated'] as const;

interface Line {
  err?: { kind: string; message?: string; at?: unknown };
}

describeOnOneEngine('EventStoreDB that denies access', (engine) => {
  let fake: FakeEventStoreDb;
  let server: TestServer;
  beforeAll(async () => {
    fake = await FakeEventStoreDb.start();
    server = await startTestServer(engine, { EVENTSTORE_URL: fake.connectionString });
  });
  afterAll(async () => {
    await server.close();
    await fake.stop();
  });

  const create = (name: string) => server.admin.post('/v1/organisations', { name });
  const denials = (): NonNullable<Line['err']>[] =>
    server.logs
      .map((line) => (JSON.parse(line) as Line).err)
      .filter((err) => err?.kind === 'EventStoreRefuses') as NonNullable<Line['err']>[];

  it.each(DENIALS)(
    'as %s is unavailable to callers, is named to operators in one sentence, and is used again once it grants access',
    async (how) => {
      const before = denials().length;
      fake.denyAccess(how);
      // The connections are dropped, because such a server checks rights only when a call begins.
      fake.dropConnections();
      await waitFor('a refusal', async () => (await create(`Refused ${how}`)).status === 503);
      const begun = performance.now();
      const refused = await create(`Refused ${how}`).expect(503);
      expect(performance.now() - begun).toBeLessThan(2_000);
      expect(refused.body).toMatchObject({ code: 'event-store-unavailable', status: 503 });
      expect(refused.headers['retry-after']).toBe('2');
      await waitFor(
        'a product that is not ready',
        async () => (await server.anonymous.get('/health/ready')).status === 503,
      );
      await server.anonymous.get('/health/live').expect(200);
      const health = await waitFor('the reason', async () => {
        const { body } = await server.anonymous.get('/health');
        return (
          (body as { reasons: { code: string }[] }).reasons.some(({ code }) => code === 'event-store-refuses') && body
        );
      });
      expect(health).toMatchObject({ code: 'event-store-unavailable', eventStore: false });
      expect(health.reasons).not.toContainEqual({ code: 'event-store-unavailable' });
      await waitFor('the sentence', async () => denials().length > before);
      for (const denial of denials()) expect(denial).toEqual({ kind: 'EventStoreRefuses', message: SENTENCE });
      expect(server.logs.join('')).not.toContain(`Refused ${how}`);

      fake.grantAccess();
      const created = await waitFor('a success', async () => {
        const answer = await create(`Granted ${how}`);
        return answer.status === 201 && answer;
      });
      await waitFor('a ready product', async () => (await server.anonymous.get('/health/ready')).status === 200);
      const listed = await waitFor('the list', async () => {
        const answer = await server.admin.after(created.headers['event-position']!, '/v1/organisations');
        return answer.status === 200 && answer;
      });
      expect(JSON.stringify(listed.body)).toContain(`Granted ${how}`);
    },
  );

  it.each(DENIALS)('as %s ends the start at once, with the same sentence', async (how) => {
    await server.running.close();
    fake.denyAccess(how);
    const begun = performance.now();
    await expect(server.another()).rejects.toMatchObject({ name: 'EventStoreRefuses', message: SENTENCE });
    expect(performance.now() - begun).toBeLessThan(20_000);
    fake.grantAccess();
    server = await server.another();
    await create(`Started after ${how}`).expect(201);
  });
});
