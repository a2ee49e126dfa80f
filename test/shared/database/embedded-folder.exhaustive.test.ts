import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { NO_ENTITIES } from '../../support/engines.js';
import { Database } from '../../../src/shared/database/database.js';

describe('the folder of an embedded database', () => {
  let parent: string;
  let folder: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'rolecall-folder-'));
    folder = join(parent, 'data', 'postgres');
  });
  afterEach(async () => rm(parent, { recursive: true }));

  const executed = async (): Promise<string[]> => {
    const database = await Database.open({ embedded: folder, entities: NO_ENTITIES, migrations: MIGRATIONS });
    try {
      const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(database.kysely());
      return rows.map(({ name }) => name);
    } finally {
      await database.close();
    }
  };
  const all = MIGRATIONS.map(({ name }) => name);

  it('is made, and opens again with what was stored in it', async () => {
    expect(await executed()).toEqual(all);
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
    const database = await Database.open({ embedded: folder, entities: NO_ENTITIES, migrations: null });
    await sql`create table kept ()`.execute(database.kysely());
    await database.close();
    const again = await Database.open({ embedded: folder, entities: NO_ENTITIES, migrations: MIGRATIONS });
    await sql`select from kept`.execute(again.kysely());
    await again.close();
  });

  it('is made anew when a process ended while it made it', async () => {
    await executed();
    const part = join(parent, 'part');
    await mkdir(part);
    for (const name of ['PG_VERSION', 'global']) await cp(join(folder, name), join(part, name), { recursive: true });
    await rm(folder, { recursive: true });
    await cp(part, folder, { recursive: true });
    await writeFile(`${folder}.unfinished`, '');
    expect(await executed()).toEqual(all);
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
  });

  it('keeps the note while a migration fails', async () => {
    const refusing = { name: 'refuses', class: MIGRATIONS[0]!.class };
    const opened = Database.open({
      embedded: folder,
      entities: NO_ENTITIES,
      migrations: [...MIGRATIONS, refusing],
    });
    await expect(opened).rejects.toThrow();
    expect(existsSync(`${folder}.unfinished`)).toBe(true);
    expect(await executed()).toEqual(all);
  });

  it('is not made for a server', async () => {
    const opened = Database.open({
      url: 'postgres://nobody@127.0.0.1:1/none',
      embedded: folder,
      entities: NO_ENTITIES,
      migrations: MIGRATIONS,
    });
    await expect(opened).rejects.toThrow();
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
  });
});
