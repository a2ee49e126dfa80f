import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { ENTITIES } from '../src/bootstrap/entities.js';
import { MIGRATIONS } from '../src/migrations/migrations.js';
import { Database } from '../src/shared/database/database.js';
import { describeOnEngines, type TestDatabase } from './support/engines.js';

/** Statements on what no entity describes: the log, which has its own SQL, and the list of migrations that ran. */
const NOT_ENTITIES = /^drop (?:table|function|trigger) if exists "(?:migration"|event"|event_)/;

async function statements(work: Promise<string>): Promise<string[]> {
  return (await work)
    .split(';')
    .map((statement) => statement.trim().replaceAll(/\s+/g, ' '))
    .filter((statement) => statement !== '');
}

describeOnEngines('the migrations', (engine) => {
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

  it('are in order, each with a name of its own', () => {
    const names = MIGRATIONS.map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(names);
  });
});
