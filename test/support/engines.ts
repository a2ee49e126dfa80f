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
import { UNCHECKED } from '../../src/bootstrap/event-shapes.js';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { Database, EMBEDDED_EXTENSIONS, type Entity } from '../../src/shared/database/database.js';
import type { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import type { People } from '../../src/modules/people/people.js';
import { openEventStore as open } from '../../src/shared/event-sourcing/open-event-store.js';

/** The database of one suite, with the product's schema. */
export interface TestDatabase {
  /** The URL of the server's database. Absent on PGlite. */
  url?: string;
  /** The folder of the embedded cluster, if it is on disk. */
  dataDir?: string;
  /** The URL of the event store, if events are not in the database. */
  eventStoreUrl?: string;
  /** Removes the last `count` events from the log. */
  setBack?(count: number): Promise<void>;
  database: Database;
  /** Closes the database and removes it. */
  close(): Promise<void>;
}

/** The place of another process's data. */
export interface ProcessPlace {
  /** Environment variables of the process. */
  settings: Record<string, string>;
  /** Removes the data, after the process has ended. */
  close(): Promise<void>;
}

export interface Engine {
  name: 'PGlite' | 'PostgreSQL' | 'EventStoreDB fake';
  openDatabase(entities?: readonly Entity[]): Promise<TestDatabase>;
  /** An empty place, in which the process makes the schema. */
  placeForProcess(): Promise<ProcessPlace>;
}

/** MikroORM refuses to start without an entity. */
export const NO_ENTITIES: readonly Entity[] = [
  new EntitySchema({ name: 'Nothing', properties: { id: { type: 'number', primary: true } } }),
];

const SERVER = process.env.TEST_DATABASE_URL;
/** `name=value;name=value`: settings of each database's role for its sessions (jest.settings.config.js). */
const ROLE_SETTINGS = settingsIn(process.env.TEST_ROLE_SETTINGS);

/** A cluster with the product's schema. This worker's first suite makes it, because a copy is quicker than migrations. */
let migratedCluster: Blob | undefined;

const PGLITE: Engine = {
  name: 'PGlite',
  async openDatabase(entities = NO_ENTITIES) {
    const loadDataDir = migratedCluster ?? (await openAsBlob(dumpPath()));
    const pglite = await PGlite.create({ loadDataDir, extensions: EMBEDDED_EXTENSIONS });
    const database = await Database.open({ embedded: pglite, entities, migrations: MIGRATIONS });
    if (!migratedCluster) {
      await pglite.exec('checkpoint');
      migratedCluster = await pglite.dumpDataDir('none');
    }
    return {
      database,
      setBack: async (count) => setBack(database, count),
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

interface PostgresOptions {
  /** The URL by which the product reaches a database, if a pooler is in front of the server. */
  through?: (url: string) => string;
  /** Settings for the sessions of the role that each database gets. */
  roleSettings?: Readonly<Record<string, string>> | undefined;
  /** The encoding of the databases, by default the server's. */
  encoding?: string;
}

/** The name of a migrated database that this worker's first suite makes. test/runner/global-teardown.mjs drops it. */
let migratedDatabase: Promise<string> | undefined;

async function makeMigratedDatabase(server: string): Promise<string> {
  const name = `${process.env.ROLECALL_RUN!}_template_${String(process.pid)}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await Database.open({ url: url.href, entities: NO_ENTITIES, migrations: MIGRATIONS });
  await database.close();
  return name;
}

/** Resolves when all drops so far have ended, which run one after the other. */
let dropped: Promise<unknown> = Promise.resolve();

/** Drops a database later. No suite waits, because each drop writes a checkpoint, which is slow beside other suites. */
function dropLater(server: string, name: string): void {
  dropped = dropped.then(async () => onServer(server, `drop database ${name} with (force)`)).catch(() => undefined);
}

/** An engine that makes a database on this server for each suite. */
export function postgresAt(
  server: string,
  { through, roleSettings = ROLE_SETTINGS, encoding }: PostgresOptions = {},
): Engine {
  // Behind a pooler, with settings of a role or in another encoding, the product migrates the database itself.
  const isPlain = server === SERVER && !through && !roleSettings && encoding === undefined;
  const reached = through ?? ((url: string): string => url);
  const create = async (like = ''): Promise<{ url: string; drop: () => Promise<void> }> => {
    const name = `${process.env.ROLECALL_RUN!}_${randomBytes(6).toString('hex')}`;
    const url = new URL(server);
    url.pathname = `/${name}`;
    const encoded = encoding === undefined ? '' : ` encoding '${encoding}' locale 'C' template template0`;
    await onServer(server, `create database ${name}${encoded}${like}`);
    if (!roleSettings)
      return {
        url: reached(url.href),
        drop: async () => {
          dropLater(server, name);
          return Promise.resolve();
        },
      };
    [url.username, url.password] = [name, name];
    const settings = Object.entries(roleSettings).map(
      ([setting, value]) => `alter role ${name} in database ${name} set ${setting} = '${value}'`,
    );
    // The role is a superuser, because tests change the database behind the product.
    await onServer(server, `create role ${name} superuser login password '${name}'`, ...settings);
    return {
      url: reached(url.href),
      drop: async () => onServer(server, `drop database ${name} with (force)`, `drop role ${name}`),
    };
  };
  return {
    name: 'PostgreSQL',
    async openDatabase(entities = NO_ENTITIES) {
      const { url, drop } = await create(
        isPlain ? ` template ${await (migratedDatabase ??= makeMigratedDatabase(server))}` : '',
      );
      const database = await Database.open({ url, entities, migrations: MIGRATIONS });
      return {
        url,
        database,
        setBack: async (count) => setBack(database, count),
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

/**
 * An engine with its events on a fake, and all else in the engine's database. The import is dynamic, because most suites
 * do not need the fake.
 */
function withFake(engine: Engine): Engine {
  return {
    name: 'EventStoreDB fake',
    async openDatabase(entities) {
      const { FakeEventStoreDb } = await import('./eventstoredb-fake/fake.js');
      const [fake, database] = await Promise.all([FakeEventStoreDb.start(), engine.openDatabase(entities)]);
      return {
        ...database,
        eventStoreUrl: fake.connectionString,
        setBack: async (count) => {
          fake.setBack(count);
          return Promise.resolve();
        },
        close: async () => {
          await database.close();
          await fake.stop();
        },
      };
    },
    async placeForProcess() {
      const { FakeProcess } = await import('./eventstoredb-fake/fake-process.js');
      const fake = await FakeProcess.start();
      const { settings, close } = await engine.placeForProcess();
      return {
        settings: { ...settings, EVENTSTORE_URL: fake.connectionString },
        close: async () => {
          await close();
          await fake.kill();
        },
      };
    },
  };
}

/** Removes events, as a restore of an older copy does. The trigger is off meanwhile, because it refuses that. */
async function setBack(database: Database, count: number): Promise<void> {
  for (const statement of [
    'alter table event disable trigger event_never_changed',
    `delete from event where position > (select max(position) - ${String(count)} from event)`,
    'alter table event enable always trigger event_never_changed',
  ])
    await sql.raw(statement).execute(database.kysely());
}

/** The event store of a test database. */
export async function openEventStore({ database, eventStoreUrl }: TestDatabase, people?: People): Promise<EventStore> {
  return open(database, eventStoreUrl ?? null, { shapes: UNCHECKED, ...(people ? { people } : {}) });
}

/**
 * Runs a suite whose subject is the store or the database on PGlite, and on PostgreSQL too if TEST_DATABASE_URL names a
 * server. With TEST_EVENTS=eventstoredb the events are on the EventStoreDB fake instead. `alsoOnEventStoreDb` adds the
 * fake as an engine.
 */
export function describeOnEveryEngine(
  name: string,
  suite: (engine: Engine) => void,
  { alsoOnEventStoreDb = false } = {},
): void {
  if (!SERVER) process.stdout.write(`${name}: not run on PostgreSQL, because TEST_DATABASE_URL is not set\n`);
  const databases = SERVER ? [...(ROLE_SETTINGS ? [] : [PGLITE]), postgresAt(SERVER)] : [PGLITE];
  describeOn(databases, name, suite, alsoOnEventStoreDb);
}

/** Runs a suite on every engine with TEST_ENGINES=all, as the long suites do, and on one otherwise. */
export function describeOnEngines(
  name: string,
  suite: (engine: Engine) => void,
  options: { alsoOnEventStoreDb?: boolean } = {},
): void {
  const describing = process.env.TEST_ENGINES === 'all' ? describeOnEveryEngine : describeOnOneEngine;
  describing(name, suite, options);
}

/**
 * Runs a suite that does not depend on the database once: on PostgreSQL if TEST_DATABASE_URL names a server, else on
 * PGlite. With TEST_EVENTS=eventstoredb its events are on the EventStoreDB fake.
 */
export function describeOnOneEngine(
  name: string,
  suite: (engine: Engine) => void,
  { alsoOnEventStoreDb = false } = {},
): void {
  describeOn([SERVER ? postgresAt(SERVER) : PGLITE], name, suite, alsoOnEventStoreDb);
}

function describeOn(
  databases: readonly Engine[],
  name: string,
  suite: (engine: Engine) => void,
  alsoOnFake: boolean,
): void {
  const onFake = withFake(databases.at(-1) ?? PGLITE);
  const engines =
    process.env.TEST_EVENTS === 'eventstoredb' ? [onFake] : [...databases, ...(alsoOnFake ? [onFake] : [])];
  for (const engine of engines) {
    describe(`${name} on ${engine.name}`, () => {
      suite(engine);
    });
  }
}

/** Runs a suite on PGlite alone, for a subject in which the database has no part. */
export function describeOnPglite(name: string, suite: (engine: Engine) => void): void {
  describe(`${name} on ${PGLITE.name}`, () => {
    suite(PGLITE);
  });
}

/** Makes a data folder of the product, whose cluster is initialised and has no schema. */
async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-data-'));
  const cluster = join(directory, 'postgres');
  await mkdir(cluster);
  await promisify(execFile)('tar', ['-xf', dumpPath(), '-C', cluster]);
  return directory;
}

function dumpPath(): string {
  const path = process.env.ROLECALL_PGLITE_DUMP;
  if (!path) throw new Error('no dump of PGlite: test/runner/global-setup.mjs did not run');
  return path;
}

function settingsIn(text: string | undefined): Record<string, string> | undefined {
  return text === undefined
    ? undefined
    : Object.fromEntries(text.split(';').map((setting) => setting.split('=') as [string, string]));
}

export async function onServer(server: string, ...statements: string[]): Promise<void> {
  const database = await Database.open({ url: server, entities: NO_ENTITIES, migrations: [] });
  try {
    for (const statement of statements) await sql.raw(statement).execute(database.kysely());
  } finally {
    await database.close();
  }
}
