import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Database } from '../../src/shared/database/database.js';
import { describeOnEngines, NO_ENTITIES, onServer, type ProcessPlace } from '../support/engines.js';
import { runScript, type Ended } from './run-script.js';

const reset = async (settings: Record<string, string>, ...args: string[]): Promise<Ended> =>
  runScript('db-reset.mjs', args, { settings });

describeOnEngines('npm run db:reset', (engine) => {
  let place: ProcessPlace;
  beforeAll(async () => {
    place = await engine.placeForProcess();
  });
  afterAll(async () => {
    await place.close();
  });

  it('resets nothing while a process uses the installation', async () => {
    const stop = await workIn(place.settings);
    try {
      expect(await reset(place.settings, '--yes')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^Nothing was reset: .*: stop (?:it|them) first\n$/),
      });
    } finally {
      await stop();
    }
  });

  it('resets nothing without a terminal and without --yes, because it asks first', async () => {
    expect(await reset(place.settings)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'Nothing was reset: nobody is at the terminal: add --yes\n',
    });
  });

  it('empties the installation that the settings name', async () => {
    const { DATA_DIR: folder, DATABASE_URL: url } = place.settings;
    if (url) await onServer(url, 'create table left_over (id int)');
    else for (const name of ['secrets.json', 'somebody-else.txt']) writeFileSync(join(folder!, name), '{}');
    expect(await reset(place.settings, '--yes')).toMatchObject({ code: 0, stderr: '' });
    if (url) expect(await tablesIn(url)).toEqual([]);
    else expect(readdirSync(folder!)).toEqual(['somebody-else.txt']);
  });
});

/** Starts a process that uses the installation. @returns ends that process */
async function workIn({ DATA_DIR: folder, DATABASE_URL: url }: Record<string, string>): Promise<() => Promise<void>> {
  if (url) {
    const database = await Database.open({ url, entities: NO_ENTITIES, migrations: null });
    return async () => database.close();
  }
  const working = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  await once(working, 'spawn');
  writeFileSync(join(folder!, 'process.pid'), `${String(working.pid)} 1`);
  return async () => {
    working.kill('SIGKILL');
    await once(working, 'exit');
  };
}

async function tablesIn(url: string): Promise<unknown[]> {
  const database = await Database.open({ url, entities: NO_ENTITIES, migrations: null });
  try {
    const { rows } = await sql`select tablename from pg_tables where schemaname = 'public'`.execute(database.kysely());
    return rows;
  } finally {
    await database.close();
  }
}

describe('npm run db:reset refuses', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolecall-reset-'));
    mkdirSync(join(folder, 'postgres'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['an installation whose NODE_ENV is production', { NODE_ENV: 'production' }, 'NODE_ENV says production'],
    [
      'an installation that others reach',
      { PUBLIC_URL: 'https://invitations.example.org' },
      'PUBLIC_URL is reached by others',
    ],
    [
      'a log in EventStoreDB',
      { EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false' },
      'the events are in EventStoreDB, from which nothing is ever removed',
    ],
    [
      'a database on another machine',
      { DATABASE_URL: 'postgres://db.example.org/rolecall_dev' },
      'DATABASE_URL names another machine',
    ],
    [
      'a database that may have real users',
      { DATABASE_URL: 'postgres://127.0.0.1/rolecall_production' },
      expect.stringContaining('may be in earnest'),
    ],
    [
      'the database that every server has by default',
      { DATABASE_URL: 'postgres://127.0.0.1/postgres' },
      expect.stringContaining('may be in earnest'),
    ],
  ])('%s', async (_, settings: Record<string, string>, why: string) => {
    const { code, stderr } = await reset({ DATA_DIR: folder, ...settings }, '--yes');
    expect([code, stderr.replace('Nothing was reset: ', '').trim()]).toEqual([1, why]);
    expect(existsSync(join(folder, 'postgres'))).toBe(true);
  });

  it('a folder without an installation', async () => {
    rmSync(join(folder, 'postgres'), { recursive: true });
    expect(await reset({ DATA_DIR: folder }, '--yes')).toMatchObject({
      code: 1,
      stderr: `Nothing was reset: there is no installation in ${folder}\n`,
    });
  });
});
