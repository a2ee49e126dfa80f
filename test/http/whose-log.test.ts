import { sql } from 'kysely';
import { describeOnOneEngine, type Engine, type TestDatabase } from '../support/engines.js';
import { FakeEventStoreDb } from '../support/eventstoredb-fake/fake.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { createOrganisation } from '../support/scenarios.js';

const OTHERS = {
  MASTER_KEY: 'other-master-key-0123456789-abcdefghi',
  PERSON_SECRET: 'other-person-secret-0123456789-abcdef',
};
const TABLES = ['person', 'installation_key', 'checkpoint', 'outbox', 'account_user', 'log_identity', 'work_lease'];

describeOnOneEngine('a second installation', (engine) => {
  let fake: FakeEventStoreDb;
  let first: TestServer;
  let place: TestDatabase;
  beforeAll(async () => {
    fake = await FakeEventStoreDb.start();
    first = await startTestServer(engine, { EVENTSTORE_URL: fake.connectionString });
    await createOrganisation(first);
  });
  beforeEach(() => {
    place = undefined as never;
  });
  afterAll(async () => {
    await first.close();
    await fake.stop();
  });

  /** An engine whose database a test can read after a start that failed. */
  const kept: Engine = {
    ...engine,
    openDatabase: async (entities) => {
      place = await engine.openDatabase(entities);
      return { ...place, close: async () => Promise.resolve() };
    },
  };

  it.each([
    ['other secrets and an empty database', OTHERS],
    ['the right secrets and an emptied database', {}],
  ])('with %s does not start on the log of the first one, and writes nothing', async (_name, secrets) => {
    const before = fake.counters.committed;
    await expect(startTestServer(kept, { EVENTSTORE_URL: fake.connectionString, ...secrets })).rejects.toMatchObject({
      name: 'LogNotOurs',
      message: expect.stringMatching(
        /^the database belongs to no log yet, and the event log is [\da-f-]{36}: .*"Whose log is this\?"\)$/,
      ),
    });
    expect(fake.counters.committed).toBe(before);
    for (const table of TABLES)
      expect([
        table,
        (await sql`select from ${sql.table(table)}`.execute(place.database.kysely())).rows.length,
      ]).toEqual([table, 0]);
    await place.close();
  });

  it('leaves the first one unchanged, so that it starts again', async () => {
    await first.running.close();
    first = await first.another();
    await createOrganisation(first);
  });
});
