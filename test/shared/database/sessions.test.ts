import { MikroORM } from '@mikro-orm/core';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { Database } from '../../../src/shared/database/database.js';
import { NO_ENTITIES, onServer, postgresAt, type ProcessPlace } from '../../support/engines.js';
import { describeBehindPgBouncer } from '../../support/servers/behind-pgbouncer.js';

/** Under each of these settings, statements mean something else or fail. */
const HOSTILE = {
  DateStyle: 'German',
  default_transaction_isolation: 'serializable',
  extra_float_digits: '-15',
  search_path: 'nowhere',
};

describeBehindPgBouncer('sessions', ({ server, engine, restart }) => {
  const places: ProcessPlace[] = [];
  const opened: Database[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (database) => database.close()));
    await Promise.all(places.splice(0).map(async (place) => place.close()));
  });

  async function placeOn(where: typeof engine): Promise<string> {
    const place = await where.placeForProcess();
    places.push(place);
    return place.settings['DATABASE_URL']!;
  }

  async function open(url: string): Promise<Database> {
    const database = await Database.open({ url, entities: NO_ENTITIES, migrations: MIGRATIONS });
    opened.push(database);
    return database;
  }

  const refusal = async (url: string): Promise<Error> =>
    open(url).then(
      () => new Error('it was opened'),
      (error: unknown) => error as Error,
    );
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  const alterDatabase = async (url: string, settings: Record<string, string>): Promise<void> =>
    onServer(
      server,
      ...Object.entries(settings).map(([name, value]) => `alter database ${nameOf(url)} set ${name} = '${value}'`),
    );
  const settingsOf = async (database: Database, names: readonly string[]): Promise<Record<string, string>> => {
    const { rows } = await sql<{
      name: string;
      setting: string;
    }>`select name, setting from pg_settings where name = any(${names})`.execute(database.kysely());
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  };

  it('of the product have the settings that statements need, whatever the role has set', async () => {
    const database = await open(
      await placeOn(postgresAt(server, { roleSettings: { ...HOSTILE, idle_in_transaction_session_timeout: '1s' } })),
    );
    expect([
      database.isPooled,
      await settingsOf(database, [...Object.keys(HOSTILE), 'idle_in_transaction_session_timeout', 'random_page_cost']),
    ]).toEqual([
      false,
      {
        DateStyle: 'ISO, MDY',
        default_transaction_isolation: 'read committed',
        extra_float_digits: '1',
        search_path: 'public, nowhere',
        idle_in_transaction_session_timeout: '5000',
        random_page_cost: '1.1',
      },
    ]);
  });

  it('are refused where writes were stopped, because only the operator who stopped them may allow them', async () => {
    const url = await placeOn(postgresAt(server, { roleSettings: { default_transaction_read_only: 'on' } }));
    const { message } = await refusal(url);
    expect(message).toContain('default_transaction_read_only is on instead of off');
    expect(message).toContain('Find out first why writes were stopped');
  });

  it('of a pooler are refused with a statement for each wrong setting, and these statements make the start possible', async () => {
    const url = await placeOn(engine);
    await alterDatabase(url, HOSTILE);
    const { message } = await refusal(url);
    const statements = message.match(/alter role [^;.]+'/g) ?? [];
    expect(statements).toEqual(
      Object.keys(HOSTILE).map(
        (name) =>
          expect.stringMatching(new RegExp(`^alter role postgres in database ${nameOf(url)} set ${name} = `)) as string,
      ),
    );
    await onServer(server, ...statements);
    await restart();
    expect((await open(url)).isPooled).toBe(true);
  });

  it('of a pooler are judged by their initial settings, whatever another client has set in them', async () => {
    const url = await placeOn(engine);
    const client = await open(url);
    await sql`set default_transaction_isolation = serializable`.execute(client.kysely());
    const { rows } = await sql`show default_transaction_isolation`.execute(client.kysely());
    expect(rows).toEqual([{ default_transaction_isolation: 'serializable' }]);
    await client.close();
    opened.pop();
    expect((await open(url)).isPooled).toBe(true);
  });

  it('of a pooler keep their settings', async () => {
    const database = await open(await placeOn(engine));
    await database.transaction(async (trx) => sql`select 1`.execute(trx));
    const { rows } = await sql<{
      name: string;
    }>`select name from pg_settings where source = 'session' and setting <> reset_val`.execute(database.kysely());
    expect([database.isPooled, rows]).toEqual([true, []]);
  });

  it('of a pooler end an idle transaction too', async () => {
    const database = await open(await placeOn(engine));
    expect(
      await database.transaction(async (trx) => {
        const { rows } = await sql<{
          idle_in_transaction_session_timeout: string;
        }>`show idle_in_transaction_session_timeout`.execute(trx);
        return rows[0]?.idle_in_transaction_session_timeout;
      }),
    ).toBe('5s');
  });

  describe('in a database whose encoding', () => {
    const encoded = async (encoding: string): Promise<string> => placeOn(postgresAt(server, { encoding }));

    it('lacks letters are refused while it is empty', async () => {
      expect(await refusal(await encoded('LATIN1'))).toMatchObject({
        name: 'DatabaseRefused',
        code: 'database-encoding',
        message: expect.stringContaining('encoding is LATIN1') as string,
      });
    });

    it('lacks letters cause a warning when it is in use', async () => {
      const url = await encoded('LATIN1');
      const orm = await MikroORM.init({ driver: PostgreSqlDriver, clientUrl: url, entities: [...NO_ENTITIES] });
      await orm.em
        .getConnection()
        .execute(
          'create table migration (id serial primary key, name varchar(255) not null, executed_at timestamptz not null default now())',
        );
      await orm.close(true);
      expect((await open(url)).warnings.map(({ code }) => code)).toEqual(['database-encoding']);
    });

    it('is SQL_ASCII store every letter as its bytes', async () => {
      const database = await open(await encoded('SQL_ASCII'));
      const { rows } = await sql<{
        text: string;
      }>`insert into checkpoint (name) values ('Ω') returning name as text`.execute(database.kysely());
      expect([database.warnings, rows]).toEqual([[], [{ text: 'Ω' }]]);
    });
  });
});
