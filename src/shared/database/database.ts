import type { Socket } from 'node:net';
import { MikroORM, type EntitySchema, type AnyEntity, type EntityClass } from '@mikro-orm/core';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import { PgliteDriver, type SqlEntityManager } from '@mikro-orm/pglite';
import { PostgreSqlDriver, SqlSchemaGenerator } from '@mikro-orm/postgresql';
import type { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import type { Dialect, Kysely } from 'kysely';
import { driverOptions, type DriverOptions } from './connection-url.js';
import { explainFailures } from './explaining-dialect.js';
import { migrateInTurn, type Waiting } from './migrating.js';
import { isExposed, peerOf } from './peer.js';
import { ServerSessions, type DatabaseWarning } from './server-sessions.js';
import { explained } from './unusable-database.js';

export type Entity = EntitySchema | EntityClass<AnyEntity>;
type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

/** Of each process, besides those that queries share: the one that listens to other instances. */
const OWN_CONNECTIONS = 1;

export interface DatabaseOptions extends Waiting {
  /** PostgreSQL server; absent: PGlite in this process. */
  url?: string | undefined;
  /** PGlite's data directory (created when missing), or a running PGlite that the caller owns, made with `EMBEDDED_EXTENSIONS`. */
  embedded?: string | PGlite;
  entities: readonly Entity[];
  /** Null: the schema is left as it is. */
  migrations: readonly { name: string; class: MigrationClass }[] | null;
  /** Connections to a server; PGlite has one. */
  poolSize?: number;
}

/** What a PGlite has to be made with: extensions that migrations ask for. */
export const EMBEDDED_EXTENSIONS = { pg_trgm };

/** A connection that nobody else uses, of the driver. */
export interface OwnConnection {
  /** The session's number, as the server tells it, or a pooler in front of it. */
  processID: number | null;
  query(statement: string, values?: readonly unknown[]): Promise<unknown>;
  on(event: 'notification', listener: (notification: { payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: () => void): void;
  /** @param destroy closes it; otherwise it goes back to the others */
  release(destroy: boolean): void;
}

/**
 * The one PostgreSQL behind events, read models, people, accounts and outbox. Queries go through Kysely with bound
 * parameters (MikroORM's own `execute` writes them into the statement, where an error would show them).
 */
export class Database {
  private base: Kysely<object> | undefined;
  private found: readonly DatabaseWarning[] = [];

  private constructor(
    private readonly orm: MikroORM,
    readonly embedded: boolean,
    private readonly sessions: ServerSessions,
    /** Its server is on another host and is reached in the clear, which DATABASE_URL doesn't ask for. */
    readonly exposed: boolean,
  ) {}

  /** Connects and brings the schema up to date. The database itself must exist. @throws BadConnectionUrl, UnusableDatabase, DatabaseRefused, or what fails in a migration */
  static async open(options: DatabaseOptions): Promise<Database> {
    const server = options.url ? driverOptions(options.url) : null;
    const sessions = new ServerSessions();
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
    explainFailuresOf(orm);
    try {
      const database = new Database(
        orm,
        server === null,
        sessions,
        server !== null && (await isReachedExposed(orm, server)),
      );
      await database.prepare(options);
      return database;
    } catch (error) {
      await orm.close(true);
      throw server ? explained(error, server) : error;
    }
  }

  /** A Kysely on the pool. Inside `transaction` use the one handed to the callback: PGlite has one connection and would wait for itself. */
  kysely<Tables>(): Kysely<Tables> {
    this.base ??= (this.orm.em as SqlEntityManager).fork().getKysely<object>();
    return this.base as unknown as Kysely<Tables>;
  }

  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  async transaction<Tables, Result>(work: (trx: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return this.kysely<Tables>()
      .transaction()
      .execute(async (trx) => {
        await this.sessions.beginTransaction(trx as unknown as Kysely<never>);
        return work(trx);
      });
  }

  /** For LISTEN: the caller's until it is released. Not embedded. @throws when the server can't be reached */
  async ownConnection(): Promise<OwnConnection> {
    return connectionOf(this.orm);
  }

  /** Names limits that differ between the two. */
  get mode(): 'embedded' | 'server' {
    return this.embedded ? 'embedded' : 'server';
  }

  /** Whether a connection pooler is in front of the server: sessions are shared with other clients, and nothing is heard by LISTEN. */
  get isPooled(): boolean {
    return this.sessions.arePooled;
  }

  /** What its operator should mend, though the product works. */
  get warnings(): readonly DatabaseWarning[] {
    return this.found;
  }

  /** MikroORM itself, for schema comparison and PGlite's native client. */
  get mikroOrm(): MikroORM {
    return this.orm;
  }

  /** What is found is looked at before anything is made. */
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

/** Before it connects. */
function explainFailuresOf(orm: MikroORM): void {
  const connection = (orm.em as SqlEntityManager).getConnection() as unknown as {
    createKyselyDialect(options: object): Dialect;
  };
  const createKyselyDialect = connection.createKyselyDialect.bind(connection);
  connection.createKyselyDialect = (options) => explainFailures(createKyselyDialect(options));
}

/** The migrator would make a database that it doesn't find by its name: a typo would be a new installation, and a pooler has names of its own. */
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

/** Makes the first connection. */
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
    // By the pool, which forgets a connection that is lost meanwhile.
    driverOptions: { ...server, onConnect: async (connection: OwnConnection) => sessions.prepare(connection) },
  };
}

function embeddedOptions(embedded: DatabaseOptions['embedded']): object {
  if (!embedded) throw new TypeError('a database needs a url or a data directory');
  return {
    driver: PgliteDriver,
    dbName: 'postgres',
    driverOptions:
      typeof embedded === 'string' ? { dataDir: embedded, extensions: EMBEDDED_EXTENSIONS } : { pglite: embedded },
  };
}
