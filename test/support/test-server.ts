import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { PgliteConnection } from '@mikro-orm/pglite';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import request from 'supertest';
import { loadConfig } from '../../src/bootstrap/config.js';
import { ENTITIES } from '../../src/bootstrap/entities.js';
import { createLogger } from '../../src/bootstrap/logging.js';
import { startServer, type RunningServer, type Substitutes } from '../../src/bootstrap/server.js';
import type { PasswordHashing } from '../../src/modules/accounts/authentication.js';
import type { Database } from '../../src/shared/database/database.js';
import { EventStore, type StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import type { Engine, TestDatabase } from './engines.js';
import { everyEvent } from './event-log.js';
import { TestSmtp } from './smtp.js';

export const ADMIN = { email: 'root@rolecall.test', password: 'correct horse battery' };
export const PASSWORD = 'a perfectly fine password';
/** Invented secrets. They are the same in every test, so that a scan can search for them. */
export const SECRETS = {
  LINK_SECRET: 'test-link-secret-0123456789-abcdefghij',
  MASTER_KEY: 'test-master-key-0123456789-abcdefghij',
  PERSON_SECRET: 'test-person-secret-0123456789-abcdefg',
  SESSION_SECRET: 'test-session-secret-0123456789-abcdef',
  METRICS_TOKEN: 'test-metrics-token-0123456789-abcdefg',
};

/** The metrics of a product that was started with `SECRETS`. @param url the address of the product */
export async function metricsAt(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${SECRETS.METRICS_TOKEN}` } })).text();
}

/** Callers keep their connections, because a new one takes as long as a small call. */
const CONNECTIONS = new Agent({ keepAlive: true });

/** The HTTP interface for one caller. */
export class Api {
  constructor(
    private readonly url: string,
    readonly token: string | null,
    private readonly headers: Record<string, string> = {},
  ) {}

  get(path: string) {
    return this.send('get', path);
  }
  post(path: string, body?: object) {
    return this.send('post', path, body);
  }
  put(path: string, body: object) {
    return this.send('put', path, body);
  }
  patch(path: string, body?: object) {
    return this.send('patch', path, body);
  }
  delete(path: string, body?: object) {
    return this.send('delete', path, body);
  }

  /** A call whose body the test adds, for example a form. */
  call(method: 'post' | 'put', path: string) {
    return this.send(method, path);
  }

  /** A read that waits for the event position of a write. */
  after(position: string, path: string) {
    return this.get(path).set('Min-Event-Position', position);
  }

  private send(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) {
    const test = request(this.url)[method](path).agent(CONNECTIONS).set(this.headers);
    if (this.token) void test.set('Authorization', `Bearer ${this.token}`);
    return body === undefined ? test : test.send(body);
  }
}

export interface TestServer {
  running: RunningServer;
  url: string;
  /** The database of the server. */
  database: Database;
  smtp: TestSmtp;
  /** All events so far, in order. */
  events(): Promise<StoredEvent[]>;
  /** The lines that the server logged. */
  logs: string[];
  anonymous: Api;
  /** The super-admin. */
  admin: Api;
  signIn(email: string, password?: string): Promise<Api>;
  /** The caller with this bearer token. */
  signedIn(token: string): Api;
  /** Starts another instance on the same database, mail server and clock. On PGlite call `running.close()` first. */
  another(): Promise<TestServer>;
  /** Closes this instance, and the database and mail server. */
  close(): Promise<void>;
}

/** Quick hashing for tests, because the product's hashing takes a tenth of a second by design. */
export const QUICK_HASHING: PasswordHashing = {
  hash: async (password) => Promise.resolve(createHash('sha256').update(password).digest('base64url')),
  verify: async ({ hash, password }) => (await QUICK_HASHING.hash(password)) === hash,
};

/**
 * Starts the whole product on one engine, with a real SMTP server and a first super-admin.
 * @param substitutes such as a `TestClock`. `passwordHashing: undefined` means the product's hashing
 */
export async function startTestServer(
  engine: Engine,
  settings: Record<string, string> = {},
  substitutes: Substitutes = {},
): Promise<TestServer> {
  const [place, smtp] = [await engine.openDatabase(ENTITIES), await TestSmtp.start()];
  // test/runner/global-teardown.mjs removes the folder.
  const files = await mkdtemp(join(tmpdir(), `${process.env.ROLECALL_RUN!}_files_`));
  try {
    return await startOn(
      place,
      smtp,
      { FILES_DIR: files, ...settings },
      { passwordHashing: QUICK_HASHING, ...substitutes },
    );
  } catch (error) {
    await smtp.close();
    await place.close();
    throw error;
  }
}

/** Starts a server for the time of `work`, and closes it then. */
export async function withTestServer(
  engine: Engine,
  settings: Record<string, string>,
  work: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startTestServer(engine, settings);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

async function startOn(
  place: TestDatabase,
  smtp: TestSmtp,
  settings: Record<string, string>,
  substitutes: Substitutes,
): Promise<TestServer> {
  const logs: string[] = [];
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: place.url ?? 'postgres://embedded/none',
    EVENTSTORE_URL: place.eventStoreUrl ?? '',
    SMTP_URL: smtp.url,
    LOG_LEVEL: 'debug',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ...SECRETS,
    ...settings,
  });
  const logger = createLogger(
    config.logLevel,
    new Writable({
      write: (line: Buffer, _, done) => {
        logs.push(line.toString());
        done();
      },
    }),
  );
  const pglite = place.url ? undefined : await nativePglite(place.database);
  const running = await startServer(place.url ? config : { ...config, databaseUrl: null }, logger, {
    ...substitutes,
    pglite,
  });
  const { url } = running;
  const anonymous = new Api(url, null);
  const signIn = async (email: string, password = PASSWORD): Promise<Api> => {
    const { body } = await anonymous.post('/v1/auth/sign-in/email', { email, password }).expect(200);
    return new Api(url, (body as { token: string }).token);
  };
  return {
    running,
    url,
    database: place.database,
    smtp,
    logs,
    anonymous,
    signIn,
    events: async () => everyEvent(running.app.get(EventStore)),
    signedIn: (token) => new Api(url, token),
    admin: await signIn(ADMIN.email, ADMIN.password),
    another: async () => startOn(place, smtp, settings, substitutes),
    async close() {
      await running.close();
      await smtp.close();
      await place.close();
    },
  };
}

/** The PGlite of an embedded database. */
export async function nativePglite(database: Database) {
  const connection = (
    database.mikroOrm.em as unknown as SqlEntityManager
  ).getConnection() as unknown as PgliteConnection;
  return connection.getNativeClient();
}
