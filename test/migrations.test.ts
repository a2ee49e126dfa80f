import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { ENTITIES } from '../src/bootstrap/entities.js';
import { MIGRATIONS } from '../src/migrations/migrations.js';
import { Database } from '../src/shared/database/database.js';
import { describeOnEveryEngine, type TestDatabase } from './support/engines.js';

/** Statements on what no entity describes: the log, which has its own SQL, and the list of migrations that ran. */
const NOT_ENTITIES = /^drop (?:table|function|trigger) if exists "(?:migration"|event"|event_)/;

async function statements(work: Promise<string>): Promise<string[]> {
  return (await work)
    .split(';')
    .map((statement) => statement.trim().replaceAll(/\s+/g, ' '))
    .filter((statement) => statement !== '');
}

describeOnEveryEngine('the migrations', (engine) => {
  let place: TestDatabase;
  beforeAll(async () => {
    place = await engine.openDatabase(ENTITIES);
  });
  afterAll(async () => {
    await place.close();
  });

  it('make all that the entities describe, so that no change is left', async () => {
    const orm = place.database.mikroOrm;
    const changes = await statements(orm.schema.getUpdateSchemaSQL({ wrap: false, safe: false }));
    expect(changes.filter((statement) => !NOT_ENTITIES.test(statement))).toEqual([]);
  });

  it('are compared with the entities, which finds a missing column or index and an additional column', async () => {
    const orm = place.database.mikroOrm;
    const changes = async (statement: string): Promise<string> => {
      await sql.raw(statement).execute(place.database.kysely());
      return orm.schema.getUpdateSchemaSQL({ wrap: false, safe: false });
    };
    expect(await changes('alter table staff_member drop column since')).toContain(
      'alter table "staff_member" add "since" timestamptz not null',
    );
    await sql.raw('alter table staff_member add column since timestamptz not null').execute(place.database.kysely());
    expect(await changes('alter table person add column extra text')).toContain('drop column "extra"');
    await sql.raw('alter table person drop column extra').execute(place.database.kysely());
    expect(await changes('drop index outbox_due')).toContain(
      'create index "outbox_due" on "outbox" ("state", "due_at")',
    );
    await sql.raw('create index outbox_due on outbox (state, due_at)').execute(place.database.kysely());
  });

  it('do nothing when they run again', async () => {
    const { migrator } = place.database.mikroOrm;
    expect(await migrator.getPending()).toEqual([]);
    expect(await migrator.up()).toEqual([]);
    expect((await migrator.getExecuted()).map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  it('work without the extension for searching when the server lacks it', async () => {
    const pglite = await PGlite.create({ loadDataDir: await openAsBlob(process.env.ROLECALL_PGLITE_DUMP ?? '') });
    const database = await Database.open({ embedded: pglite, entities: ENTITIES, migrations: MIGRATIONS });
    const { rows } = await sql<{
      name: string;
    }>`select indexname as name from pg_indexes where tablename = 'person_directory'`.execute(database.kysely());
    expect(rows.map(({ name }) => name).sort()).toEqual(['person_directory_by_email', 'person_directory_pkey']);
    await database.close();
    await pglite.close();
  });

  it('give the invitations of earlier batches their states', async () => {
    const pglite = await PGlite.create({ loadDataDir: await openAsBlob(process.env.ROLECALL_PGLITE_DUMP ?? '') });
    const upTo = MIGRATIONS.slice(
      0,
      MIGRATIONS.findIndex(({ name }) => name === '0031-batch-states'),
    );
    const before = await Database.open({ embedded: pglite, entities: ENTITIES, migrations: upTo });
    const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    await sql`insert into invitation (id, kind, stream, person_id, scope_kind, scope_id, role, state, issue, issued_by, invited_at, expires_at)
      values (${id(1)}, 'staff', 's', ${id(3)}, 'organisation', ${id(4)}, 'admin', 'accepted', 2, 'x', now(), '2026-01-02Z')`.execute(
      before.kysely(),
    );
    await sql`insert into invitation_batch_item (id, batch_id) values (${id(1)}, ${id(5)}), (${id(2)}, ${id(5)})`.execute(
      before.kysely(),
    );
    await before.close();
    const after = await Database.open({ embedded: pglite, entities: ENTITIES, migrations: MIGRATIONS });
    const { rows } = await sql<{
      item: object;
    }>`select to_json(item) as item from invitation_batch_item item order by id`.execute(after.kysely());
    expect(rows.map(({ item }) => item)).toEqual([
      { id: id(1), batch_id: id(5), state: 'accepted', issue: 2, expires_at: expect.stringContaining('2026-01-02') },
      { id: id(2), batch_id: id(5), state: 'pending', issue: 1, expires_at: 'infinity' },
    ]);
    await after.close();
    await pglite.close();
  });

  it('are in order, each with a name of its own', () => {
    const names = MIGRATIONS.map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(names);
  });
});
