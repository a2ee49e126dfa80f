import { Migration } from '@mikro-orm/migrations';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { Database, type DatabaseOptions, type OwnConnection } from '../../src/shared/database/database.js';
import { NO_ENTITIES, onServer, postgresAt, type ProcessPlace } from '../support/engines.js';
import { describeBehindPgBouncer } from '../support/servers/behind-pgbouncer.js';
import { waitFor } from '../support/wait-for.js';

/** This migration takes longer than a transaction may idle, and longer than the limits of a test's role. */
class SlowMigration extends Migration {
  override up(): void {
    this.addSql('create table slow as select 1 as one from pg_sleep(8)');
  }
}

const SLOW = [{ name: '0001-slow', class: SlowMigration }];
const LOCK = 7_350_002;

const opened: Database[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (database) => database.close()));
});

async function open(url: string | undefined, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = await Database.open({ url, entities: NO_ENTITIES, migrations: MIGRATIONS, ...options });
  opened.push(database);
  return database;
}

async function executed(database: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from migration order by id`.execute(database.kysely());
  return rows.map(({ name }) => name);
}

describeBehindPgBouncer('migrations behind PgBouncer in transaction mode', ({ engine, server }) => {
  let place: ProcessPlace;
  const url = (): string => place.settings['DATABASE_URL']!;
  beforeEach(async () => {
    place = await engine.placeForProcess();
  });
  afterEach(async () => {
    await place.close();
  });

  it('run once when pairs of instances start again and again', async () => {
    for (let start = 0; start < 8; start += 1) {
      const both = await Promise.all([open(url()), open(url())]);
      for (const database of both) expect(await executed(database)).toEqual(MIGRATIONS.map(({ name }) => name));
      await Promise.all(opened.splice(0).map(async (database) => database.close()));
    }
  });

  it('leave no lock behind in a session of the server', async () => {
    const database = await open(url());
    const locks = await sql`select from pg_locks where locktype = 'advisory' and objid = ${LOCK}
      and database = (select oid from pg_database where datname = current_database())`.execute(database.kysely());
    expect(locks.rows).toEqual([]);
  });

  it('may take longer than a transaction may idle, and another instance waits and says so once', async () => {
    const told: string[] = [];
    const onWaiting = (sentence: string): void => {
      told.push(sentence);
    };
    const both = await Promise.all([
      open(url(), { migrations: SLOW, onWaiting }),
      open(url(), { migrations: SLOW, onWaiting }),
    ]);
    for (const database of both) expect(await executed(database)).toEqual(['0001-slow']);
    expect(told).toEqual([
      expect.stringMatching(
        /^another session migrates the database \(its process at the server: \d+\), waiting for it$/,
      ),
    ]);
  });

  it('complete despite the time limits of the role, and another instance waits for them', async () => {
    const limited = await postgresAt(server, {
      roleSettings: { lock_timeout: '100ms', statement_timeout: '1s' },
    }).placeForProcess();
    const both = await Promise.all(
      [1, 2].map(async () => open(limited.settings['DATABASE_URL'], { migrations: SLOW })),
    );
    for (const database of both) expect(await executed(database)).toEqual(['0001-slow']);
    await Promise.all(opened.splice(0).map(async (database) => database.close()));
    await limited.close();
  });

  describe('while a session holds the lock that an earlier version left behind', () => {
    let session: OwnConnection;
    beforeEach(async () => {
      session = await (await open(direct(server, url()), { migrations: [] })).ownConnection();
      session.on('error', () => undefined);
      await session.query('select pg_advisory_lock($1)', [LOCK]);
    });
    afterEach(() => {
      session.release(true);
    });

    it('stop after a time limit, with the statement that ends that session', async () => {
      const told: string[] = [];
      const refused = await open(url(), {
        giveUpAfterMs: 3_000,
        onWaiting: (sentence) => {
          told.push(sentence);
        },
      }).catch((error: unknown) => error as Error);
      expect(refused).toMatchObject({ name: 'DatabaseRefused', code: 'migration-lock-held' });
      const statement = /select pg_terminate_backend\(\d+\)$/.exec((refused as Error).message)?.[0];
      expect([statement, told.length]).toEqual([`select pg_terminate_backend(${String(session.processID)})`, 1]);
      await onServer(server, statement!);
      await open(url());
    });

    it('begin when the session releases the lock', async () => {
      const told: string[] = [];
      const starting = open(url(), {
        onWaiting: (sentence) => {
          told.push(sentence);
        },
      });
      await waitFor('the wait for the lock', async () => Promise.resolve(told.length > 0));
      await session.query('select pg_advisory_unlock($1)', [LOCK]);
      expect(await executed(await starting)).toHaveLength(MIGRATIONS.length);
    });
  });
});

describeBehindPgBouncer(
  'migrations behind a pooler with one session',
  ({ engine }) => {
    it('need no second session', async () => {
      const place = await engine.placeForProcess();
      const both = await Promise.all([open(place.settings['DATABASE_URL']), open(place.settings['DATABASE_URL'])]);
      expect(both.map(({ isPooled }) => isPooled)).toEqual([true, true]);
      await Promise.all(opened.splice(0).map(async (database) => database.close()));
      await place.close();
    });
  },
  { poolSize: 1 },
);

/** The address of the same database without the pooler. */
function direct(server: string, url: string): string {
  return new URL(new URL(url).pathname, server).href;
}
