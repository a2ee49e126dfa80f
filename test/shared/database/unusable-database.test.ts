import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { ENTITIES } from '../../../src/bootstrap/entities.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { explained, SENTENCES, UnusableDatabase, WORDS } from '../../../src/shared/database/unusable-database.js';
import { NO_ENTITIES } from '../../support/engines.js';
import { PostgresCluster } from '../../support/servers/postgres-cluster.js';
import { describeWith, freePort } from '../../support/servers/programs.js';

const PASSWORD = 'hush-hush';
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/postgresql.md'), 'utf8');

/** The sentence with which a start ends. */
async function sentence(url: string): Promise<string> {
  const opened = Database.open({ url, entities: NO_ENTITIES, migrations: [] });
  const error = await opened.then(
    async (database) => {
      await database.close();
      return new Error('opened');
    },
    (reason: unknown) => reason as Error,
  );
  expect([error.message.includes(PASSWORD), error.message.includes('\n')]).toEqual([false, false]);
  return error instanceof UnusableDatabase ? error.message : `not a sentence: ${error.name}`;
}

/** Listens on a loopback address, calls `greet` for each connection, and ends. */
async function withListener<Result>(
  greet: (socket: Socket) => void,
  work: (port: number) => Promise<Result>,
): Promise<Result> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describe('a start without a server', () => {
  it('says that nobody listens', async () => {
    const unusedAddress = `${String(await freePort())}/rolecall`;
    const said = 'DATABASE_URL: nobody listens at this host and port. Correct them, or start PostgreSQL (ECONNREFUSED)';
    expect(await sentence(`postgres://rolecall:${PASSWORD}@127.0.0.1:${unusedAddress}`)).toBe(said);
    expect(await sentence(`postgres://rolecall:${PASSWORD}@localhost:${unusedAddress}`)).toBe(said);
  });

  it('says that the name is unknown', async () => {
    expect(await sentence(`postgres://rolecall:${PASSWORD}@no-such-host.invalid/rolecall`)).toMatch(
      /^DATABASE_URL: nobody knows the host's name\. Correct it, or look at the machine's name server \((?:ENOTFOUND|EAI_AGAIN)\)$/,
    );
  });

  it('says that there is no socket', async () => {
    expect(await sentence(`postgres://rolecall:${PASSWORD}@localhost/rolecall?host=/no/such/folder`)).toBe(
      'DATABASE_URL: there is no socket of this port in the folder that host names. Correct them, or start PostgreSQL (ENOENT)',
    );
  });

  it('says that the server is silent for longer than connect_timeout', async () => {
    const said = await withListener(
      () => undefined,
      async (port) => sentence(`postgres://rolecall:${PASSWORD}@127.0.0.1:${String(port)}/rolecall?connect_timeout=1`),
    );
    expect(said).toBe(
      'DATABASE_URL: the host does not answer. Look at its address, and at firewalls between (timeout)',
    );
  });

  it.each(['', '?sslmode=require'])('says that the server hangs up with the parameters "%s"', async (parameters) => {
    const said = await withListener(
      (socket) => {
        socket.once('data', () => {
          socket.end();
        });
      },
      async (port) => sentence(`postgres://rolecall:${PASSWORD}@127.0.0.1:${String(port)}/rolecall${parameters}`),
    );
    expect(said).toBe(
      'DATABASE_URL: the server closed the connection at once. See whether PostgreSQL listens at this port, and look at its log (closed)',
    );
  });
});

it('docs/postgresql.md has a line for every code with which a start may end', () => {
  const table = DOCUMENT.split('## What a start says')[1]!;
  const codes = [...Object.keys(SENTENCES), ...WORDS.map(([, code]) => code), '28000', '08P01'];
  expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
});

describe('a refusal of PgBouncer, which has one code for all refusals,', () => {
  it.each([
    ['SASL authentication failed', 'the server refuses this user with this password'],
    ['no such user: rolecall', 'the server refuses this user with this password'],
    ['no such database: rolecal', 'this database does not exist on the server'],
    ['database "rolecal" does not exist', 'this database does not exist on the server'],
    ['unsupported startup parameter: options', 'the pooler does not pass a parameter on'],
    ['no more connections allowed (max_client_conn)', 'the pooler refuses the connection'],
  ])('is explained by its words: %s', (message, sentence) => {
    const refused = explained(Object.assign(new Error(message), { code: '08P01' }), { database: 'rolecal' });
    expect(refused).toMatchObject({
      name: 'UnusableDatabase',
      message: expect.stringMatching(`^DATABASE_URL: ${sentence}.* \\(08P01\\)$`),
    });
  });
});

describeWith(['postgres'], 'a start on a server', () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await PostgresCluster.start({
      hba: [
        'host all known all scram-sha-256',
        'host all shut-out all reject',
        'local all shut-out reject',
        'host all all all trust',
        'local all all trust',
      ],
    });
    for (const role of [
      `known login password '${PASSWORD}'`,
      'away nologin',
      'guest login',
      'maker login createdb',
      'full login connection limit 0',
    ])
      await cluster.sql(`create role ${role}`);
    await cluster.sql('create role "shut-out" login');
    for (const database of ['private', 'empty owner guest', 'unlisted owner guest'])
      await cluster.sql(`create database ${database}`);
    await cluster.sql('revoke connect on database private from public');
  });
  afterAll(async () => cluster.remove());

  const as = (user: string, database = 'postgres', parameters: Record<string, string> = {}): string =>
    cluster.url(database, `${user}@127.0.0.1`, parameters);

  it('says that the password is wrong', async () => {
    expect(await sentence(as(`known:not-${PASSWORD}`))).toBe(
      'DATABASE_URL: the server refuses this user with this password. Set the right ones, special characters percent-encoded (28P01)',
    );
  });

  it('says that the URL has no password', async () => {
    expect(await sentence(as('known'))).toBe(
      'DATABASE_URL: the server wants a password. Set one: postgres://user:password@host (no-password)',
    );
  });

  it.each(['nobody', 'away'])('says that the user is unknown or may not log in: %s', async (user) => {
    expect(await sentence(as(user))).toBe(
      'DATABASE_URL: the server has no such user, or it may not log in. Correct the name, or create the role with login (28000)',
    );
  });

  it('says that pg_hba.conf refuses the user', async () => {
    expect(await sentence(as('shut-out'))).toBe(
      'DATABASE_URL: the server does not let this user into this database from here. Add ?sslmode=verify-full when it demands TLS, else a line to its pg_hba.conf (28000)',
    );
    expect(await sentence(as('shut-out', 'postgres', { host: cluster.socket }))).toBe(
      'DATABASE_URL: the server does not let this user into this database over its socket. Add a line to its pg_hba.conf (28000)',
    );
  });

  it('says that the database does not exist, and makes none for a user who might', async () => {
    expect(await sentence(as('maker', 'missing'))).toBe(
      'DATABASE_URL: this database does not exist on the server. Correct its name, or create it: it is never made by itself (3D000)',
    );
    expect(await cluster.sql("select datname from pg_database where datname in ('missing', 'unlisted')")).toBe(
      'unlisted',
    );
  });

  it('says that the user may not connect or may not make tables', async () => {
    const said =
      'DATABASE_URL: this user may not do what is needed. Grant connect on the database, and usage and create on its schema, or make the user its owner (42501)';
    expect(await sentence(as('guest', 'private'))).toBe(said);
    expect(await sentence(as('guest'))).toBe(said);
  });

  it('says that no connection is left', async () => {
    expect(await sentence(as('full'))).toBe(
      'DATABASE_URL: the server has no connection left. End others, or raise max_connections (53300)',
    );
  });

  it('uses a database that the list of databases hides, because a pooler has names of its own', async () => {
    await cluster.sql('revoke select on pg_database from public', 'unlisted');
    const database = await Database.open({ url: as('guest', 'unlisted'), entities: NO_ENTITIES, migrations: [] });
    await database.close();
    expect(await cluster.sql("select count(*) from pg_tables where tablename = 'migration'", 'unlisted')).toBe('1');
  });

  it('succeeds for the role of docs/postgresql.md, and makes all tables and the extension for searching', async () => {
    const [statements] = /(?: {4}create .*;\n)+/.exec(DOCUMENT)!;
    for (const statement of statements.trim().split('\n')) await cluster.sql(statement);
    const database = await Database.open({
      url: as('rolecall', 'rolecall'),
      entities: ENTITIES,
      migrations: MIGRATIONS,
    });
    const { rows } = await sql`select extname from pg_extension where extname = 'pg_trgm'`.execute(database.kysely());
    await database.close();
    expect(rows).toHaveLength(1);
  });

  // This test is the last, because its server takes no writes afterwards.
  it('says that the server is a standby', async () => {
    await cluster.restart({ isStandby: true });
    expect(await sentence(as('guest', 'empty'))).toBe(
      'DATABASE_URL: this server only reads, as a standby does. Name the one that takes writes (25006)',
    );
  });
});
