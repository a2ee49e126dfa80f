import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { sql } from 'kysely';
import { loadConfig, type Config } from '../../src/bootstrap/config.js';
import { ENTITIES } from '../../src/bootstrap/entities.js';
import { createLogger } from '../../src/bootstrap/logging.js';
import { startServer, type RunningServer } from '../../src/bootstrap/server.js';
import type { Database } from '../../src/shared/database/database.js';
import { describeOnEngines, describeOnOneEngine, type TestDatabase } from '../support/engines.js';
import {
  ADMIN,
  nativePglite,
  QUICK_HASHING,
  SECRETS,
  startTestServer,
  type TestServer,
} from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation, freshEmail } from '../support/scenarios.js';

/** Requests end before the work that they start. Each service ends before the services that it uses. */
const ORDER = [
  'expiry',
  'metrics',
  'requests',
  'quotas',
  'sign-in-failures',
  'mails',
  'mail-server',
  'work-lease',
  'signals',
  'projections',
  'event-store',
  'mail-transport',
  'database',
];

interface Line {
  level: string;
  context?: string;
  msg: string;
  step?: string;
}

function linesIn(logs: readonly string[]): Line[] {
  return logs.map((line) => JSON.parse(line) as Line);
}

/** Other warnings don't count, because an instance on a busy machine may lose its lease. */
function isTrouble({ level, context }: Line): boolean {
  return level === 'error' || level === 'fatal' || (level === 'warn' && context === 'Closing');
}

function stepsIn(logs: readonly string[]): string[] {
  return linesIn(logs)
    .filter(({ msg }) => msg === 'closed')
    .map(({ step }) => step!);
}

/** The number of connections to this database, of all clients. */
async function sessionsOn(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity where datname = current_database()`.execute(database.kysely());
  return rows[0]!.count;
}

/**
 * Sends a request without its body, and resolves when the server reads it. @returns sends the body and gives the status
 */
async function begin(server: TestServer, agent: Agent, path: string, body: object): Promise<() => Promise<number>> {
  const text = JSON.stringify(body);
  const sending = request(`${server.url}${path}`, {
    agent,
    method: 'POST',
    headers: {
      Authorization: `Bearer ${server.admin.token!}`,
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(text)),
      Expect: '100-continue',
    },
  });
  sending.flushHeaders();
  await once(sending, 'continue');
  return async () => {
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.end(text);
    const [response] = await answered;
    response.resume();
    return response.statusCode!;
  };
}

describeOnEngines('a server that is stopped while a request is under way', (engine) => {
  let server: TestServer;
  /** The agent never closes a connection before the server does. */
  const agent = new Agent({ keepAlive: true, timeout: 600_000 });
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    agent.destroy();
    await server.close();
  });

  it('answers the request, closes in order, and loses no mail', async () => {
    const organisation = await createOrganisation(server);
    const finish = await begin(server, agent, `${organisation.path}/staff-invitations`, {
      emails: [freshEmail('invited')],
      role: 'contributor',
    });
    const before = server.logs.length;
    const closing = server.running.close();
    await waitFor('closing that waits for requests', async () =>
      Promise.resolve(stepsIn(server.logs).includes('metrics')),
    );
    expect(stepsIn(server.logs)).not.toContain('requests');
    expect(await finish()).toBe(201);
    await closing;
    expect(stepsIn(server.logs)).toEqual(ORDER);
    expect(linesIn(server.logs.slice(before)).filter(isTrouble)).toEqual([]);
    server = await server.another();
    await waitFor('the mail', async () => Promise.resolve(server.smtp.mails.length === 1));
  });
});

describeOnOneEngine('a start that fails', (engine) => {
  let place: TestDatabase;
  let logs: string[];
  let config: Config;
  let taken: Server;
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(() => {
    taken.close();
  });
  beforeEach(async () => {
    place = await engine.openDatabase(ENTITIES);
    logs = [];
    config = loadConfig({
      PORT: String((taken.address() as AddressInfo).port),
      DATABASE_URL: place.url ?? 'postgres://embedded/none',
      EVENTSTORE_URL: place.eventStoreUrl ?? '',
      LOG_LEVEL: 'debug',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...SECRETS,
    });
  });
  afterEach(async () => {
    await place.close();
  });

  const start = async (changed: Partial<Config> = {}): Promise<unknown> =>
    startServer(
      { ...config, databaseUrl: place.url ?? null, ...changed },
      createLogger('debug', { write: (line) => logs.push(line) }),
      { pglite: place.url ? undefined : await nativePglite(place.database), passwordHashing: QUICK_HASHING },
    );

  it('opens nothing when its port is taken', async () => {
    await expect(start()).rejects.toThrow('is taken: another program listens there');
    expect(logs).toEqual([]);
  });

  it('closes all that it opened when it fails after every part has started', async () => {
    const admin = { email: 'root@rolecall.test', password: 'passwordpassword' };
    await expect(start({ port: 0, admin })).rejects.toThrow('ADMIN_PASSWORD is too common');
    expect(stepsIn(logs)).toEqual(ORDER);
  });

  it('closes all that it opened when it is refused before it writes anything', async () => {
    await start({ port: 0 }).then(async (running) => (running as RunningServer).close());
    logs.length = 0;
    await expect(start({ port: 0, personSecret: Buffer.alloc(32) })).rejects.toThrow('PERSON_SECRET');
    expect(stepsIn(logs)).toEqual(ORDER);
  });

  it('leaves no connection open when a part cannot be made', async () => {
    const before = await sessionsOn(place.database);
    await expect(start({ port: 0, mailFrom: 'nobody' })).rejects.toThrow('the sender is no address');
    await waitFor('as few connections as before', async () => (await sessionsOn(place.database)) <= before, 5000);
  });
});
