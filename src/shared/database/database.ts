import type { Socket } from 'node:net';
import { MikroORM, type EntitySchema, type AnyEntity, type EntityClass } from '@mikro-orm/core';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import { PgliteDriver, type SqlEntityManager } from '@mikro-orm/pglite';
import { PostgreSqlDriver, SqlSchemaGenerator } from '@mikro-orm/postgresql';
import { PGlite } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import type { Dialect, Kysely } from 'kysely';
import { driverOptions, type DriverOptions } from './connection-url.js';
import { embeddedFolder, type EmbeddedFolder } from './embedded-folder.js';
import { explainFailures } from './explaining-dialect.js';
import { migrateInTurn, type Waiting } from './migrating.js';
import { isExposed, peerOf } from './peer.js';
import { ServerSessions, type DatabaseWarning } from './server-sessions.js';
import { explained } from './unusable-database.js';

export type Entity = EntitySchema | EntityClass<AnyEntity>;
type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

/** Each process needs one more connection than the pool, because one listens for notifications. */
const OWN_CONNECTIONS = 1;

export interface DatabaseOptions extends Waiting {
  /** A PostgreSQL server. Absent: PGlite in this process. */
  url?: string | undefined;
  /**
   * PGlite's data directory, which is created when missing, or a running PGlite that the caller made with
   * `EMBEDDED_EXTENSIONS`.
   */
  embedded?: string | PGlite;
  entities: readonly Entity[];
  /** Null: leaves the schema as it is. */
  migrations: readonly { name: string; class: MigrationClass }[] | null;
  /** Maximum number of connections to a server; PGlite has one. */
  poolSize?: number;
}

/** Extensions that the migrations need from PGlite. */
export const EMBEDDED_EXTENSIONS = { btree_gist, pg_trgm };

/**
 * PGlite fills its shared buffers with zeros at each start, which takes 0.7 s of processor time for its default of
 * 128 MB. Pages outside them are in the system's cache.
 */
const EMBEDDED_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/** A connection of the driver that one caller uses alone. */
export interface OwnConnection {
  /** The session's number, as the server or a pooler in front of it reports it. */
  processID: number | null;
  query(statement: string, values?: readonly unknown[]): Promise<unknown>;
  on(event: 'notification', listener: (notification: { payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: () => void): void;
  /** @param destroy true: closes the connection; false: returns it to the pool */
  release(destroy: boolean): void;
}

/**
 * The PostgreSQL database behind events, read models, people, accounts and outbox.
 * Queries go through Kysely with bound parameters, because MikroORM's `execute` writes values into the statement and
 * errors would show them.
 */
export class Database {
  private base: Kysely<object> | undefined;
  private found: readonly DatabaseWarning[] = [];

  private constructor(
    private readonly orm: MikroORM,
    readonly embedded: boolean,
    private readonly sessions: ServerSessions,
    /** True when the server is on another host and reached without TLS, though DATABASE_URL doesn't disable TLS. */
    readonly exposed: boolean,
  ) {}

  /**
   * Connects and brings the schema up to date. The database itself must exist.
   * @throws BadConnectionUrl, UnusableDatabase, DatabaseRefused, or what a migration throws
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const server = options.url ? driverOptions(options.url) : null;
    const sessions = new ServerSessions();
    const folder =
      server === null && typeof options.embedded === 'string' ? await embeddedFolder(options.embedded) : null;
    const orm = await MikroORM.init({
      ...(server ? serverOptions(server, sessions, options.poolSize) : embeddedOptions(options.embedded)),
      entities: [...options.entities],
      extensions: [Migrator, ...(server ? [ExistingDatabase] : [])],
      migrations: {
        migrationsList: [...(options.migrations ?? [])],
        tableName: 'migration',
        silent: true,
        snapshot: false,
      },
    });
    completeDialectOf(orm, folder);
    try {
      const database = new Database(
        orm,
        server === null,
        sessions,
        server !== null && (await isReachedExposed(orm, server)),
      );
      await database.prepare(options);
      await folder?.finished();
      return database;
    } catch (error) {
      await orm.close(true);
      throw server ? explained(error, server) : error;
    }
  }

  /**
   * Returns a Kysely on the pool. Inside `transaction` use the callback's Kysely, because PGlite has one connection and
   * would wait for itself.
   */
  kysely<Tables>(): Kysely<Tables> {
    this.base ??= (this.orm.em as SqlEntityManager).fork().getKysely<object>();
    return this.base as unknown as Kysely<Tables>;
  }

  /** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
  async transaction<Tables, Result>(work: (trx: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return this.kysely<Tables>()
      .transaction()
      .execute(async (trx) => {
        await this.sessions.beginTransaction(trx as unknown as Kysely<never>);
        return work(trx);
      });
  }

  /**
   * Returns a connection that belongs to the caller until it is released. An embedded database has none.
   * @throws when the server can't be reached
   */
  async ownConnection(): Promise<OwnConnection> {
    return connectionOf(this.orm);
  }

  /** Names the mode for limits that depend on it. */
  get mode(): 'embedded' | 'server' {
    return this.embedded ? 'embedded' : 'server';
  }

  /**
   * Tells whether a pooler is in front of the server. Other clients then share the sessions, and LISTEN doesn't work.
   */
  get isPooled(): boolean {
    return this.sessions.arePooled;
  }

  /** Problems that the operator should fix, though the product works. */
  get warnings(): readonly DatabaseWarning[] {
    return this.found;
  }

  /** Gives access to MikroORM for schema comparison and PGlite's native client. */
  get mikroOrm(): MikroORM {
    return this.orm;
  }

  /** Examines the database before the migrations create anything in it. */
  private async prepare({ migrations, ...waiting }: DatabaseOptions): Promise<void> {
    if (!this.embedded) this.found = await this.sessions.examine(this.kysely());
    if (migrations === null) return;
    if (this.embedded) await this.orm.migrator.up();
    else
      await migrateInTurn(
        { orm: this.orm, db: this.kysely(), beginTransaction: async (trx) => this.sessions.beginTransaction(trx) },
        waiting,
      );
  }

  async close(): Promise<void> {
    await this.orm.close(true);
  }
}

/** Must run before the first connection, which uses this dialect. MikroORM's own options can't hold a file. */
function completeDialectOf(orm: MikroORM, folder: EmbeddedFolder | null): void {
  const connection = (orm.em as SqlEntityManager).getConnection() as unknown as {
    createKyselyDialect(options: object): Dialect;
  };
  const createKyselyDialect = connection.createKyselyDialect.bind(connection);
  const files = folder?.loadDataDir ? { loadDataDir: folder.loadDataDir } : {};
  connection.createKyselyDialect = (options) => explainFailures(createKyselyDialect({ ...options, ...files }));
}

/**
 * Keeps the migrator from creating a database that it doesn't find. Otherwise a typo would make a new installation, and
 * so would a name that only a pooler knows.
 */
class ExistingDatabase extends SqlSchemaGenerator {
  static override register(orm: MikroORM): void {
    orm.config.registerExtension('@mikro-orm/schema-generator', () => new ExistingDatabase(orm.em as SqlEntityManager));
  }

  override async ensureDatabase(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

async function connectionOf(orm: MikroORM): Promise<OwnConnection> {
  const connection = (orm.em as SqlEntityManager).getConnection() as unknown as {
    getNativeClient(): Promise<{ connect(): Promise<OwnConnection> }>;
  };
  return (await connection.getNativeClient()).connect();
}

/** Makes the first connection, because only its socket tells how the server is reached. */
async function isReachedExposed(orm: MikroORM, { ssl }: DriverOptions): Promise<boolean> {
  const own = (await connectionOf(orm)) as OwnConnection & { connection: { stream: Socket } };
  const peer = peerOf(own.connection.stream);
  own.release(false);
  return ssl !== false && isExposed(peer);
}

function serverOptions(server: DriverOptions, sessions: ServerSessions, poolSize = 10): object {
  return {
    driver: PostgreSqlDriver,
    dbName: server.database,
    pool: { min: 0, max: poolSize + OWN_CONNECTIONS },
    // The pool prepares each connection, because the pool drops a connection that is lost meanwhile.
    driverOptions: { ...server, onConnect: async (connection: OwnConnection) => sessions.prepare(connection) },
  };
}

function embeddedOptions(embedded: DatabaseOptions['embedded']): object {
  if (!embedded) throw new TypeError('a database needs a url or a data directory');
  return {
    driver: PgliteDriver,
    dbName: 'postgres',
    driverOptions:
      typeof embedded === 'string'
        ? { dataDir: embedded, extensions: EMBEDDED_EXTENSIONS, startParams: EMBEDDED_PARAMETERS }
        : { pglite: embedded },
  };
}
