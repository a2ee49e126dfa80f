import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { EntitySchema } from '@mikro-orm/core';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { Database, type Entity } from '../../src/shared/database/database.js';

/** A database of its own for one suite, with the product's schema. */
export interface TestDatabase {
  /** Of the server's database; absent on PGlite. */
  url?: string;
  /** Of the embedded cluster when it is on disk. */
  dataDir?: string;
  database: Database;
  /** Closes and removes it. */
  close(): Promise<void>;
}

/** Where a process of its own keeps its data. */
export interface ProcessPlace {
  /** For its environment. */
  settings: Record<string, string>;
  /** Removes the data; the process is gone by then. */
  close(): Promise<void>;
}

export interface Engine {
  name: 'PGlite' | 'PostgreSQL';
  openDatabase(entities?: readonly Entity[]): Promise<TestDatabase>;
  /** Empty: the process makes the schema. */
  placeForProcess(): Promise<ProcessPlace>;
}

/** MikroORM refuses to start without an entity. */
export const NO_ENTITIES: readonly Entity[] = [
  new EntitySchema({ name: 'Nothing', properties: { id: { type: 'number', primary: true } } }),
];

const SERVER = process.env.TEST_DATABASE_URL;

const PGLITE: Engine = {
  name: 'PGlite',
  async openDatabase(entities = NO_ENTITIES) {
    const pglite = await PGlite.create({ loadDataDir: await openAsBlob(dumpPath()) });
    const database = await Database.open({ embedded: pglite, entities, migrations: MIGRATIONS });
    return {
      database,
      async close() {
        await database.close();
        await pglite.close();
      },
    };
  },
  async placeForProcess() {
    const dataDir = await makeDataDir();
    return { settings: { DATA_DIR: dataDir }, close: async () => rm(dataDir, { recursive: true, force: true }) };
  },
};

function postgresAt(server: string): Engine {
  const create = async (): Promise<{ url: string; drop: () => Promise<void> }> => {
    const name = `rolecall_test_${randomBytes(6).toString('hex')}`;
    const url = new URL(server);
    url.pathname = `/${name}`;
    await onServer(server, `create database ${name}`);
    return { url: url.href, drop: async () => onServer(server, `drop database ${name} with (force)`) };
  };
  return {
    name: 'PostgreSQL',
    async openDatabase(entities = NO_ENTITIES) {
      const { url, drop } = await create();
      const database = await Database.open({ url, entities, migrations: MIGRATIONS });
      return {
        url,
        database,
        async close() {
          await database.close();
          await drop();
        },
      };
    },
    async placeForProcess() {
      const { url, drop } = await create();
      return { settings: { DATABASE_URL: url }, close: drop };
    },
  };
}

/** Runs the suite on PGlite, and on PostgreSQL too when TEST_DATABASE_URL names a server where databases may be created. */
export function describeOnEngines(name: string, suite: (engine: Engine) => void): void {
  if (!SERVER) process.stdout.write(`${name}: not run on PostgreSQL, because TEST_DATABASE_URL is not set\n`);
  for (const engine of SERVER ? [PGLITE, postgresAt(SERVER)] : [PGLITE]) {
    describe(`${name} on ${engine.name}`, () => { suite(engine); });
  }
}

/** A data directory whose cluster is initialised and has no schema, as the product lays it out. */
async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-data-'));
  const cluster = join(directory, 'postgres');
  await mkdir(cluster);
  await promisify(execFile)('tar', ['-xf', dumpPath(), '-C', cluster]);
  return directory;
}

function dumpPath(): string {
  const path = process.env.ROLECALL_PGLITE_DUMP;
  if (!path) throw new Error('no dump of PGlite: test/support/global-setup.ts did not run');
  return path;
}

async function onServer(server: string, statement: string): Promise<void> {
  const database = await Database.open({ url: server, entities: NO_ENTITIES, migrations: [] });
  try {
    await sql.raw(statement).execute(database.kysely());
  } finally {
    await database.close();
  }
}
