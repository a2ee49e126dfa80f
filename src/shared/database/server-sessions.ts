import { sql, type Kysely } from 'kysely';
import type { OwnConnection } from './database.js';
import { DatabaseRefused } from './database-refused.js';
import { lines } from './lists.js';

/** A problem of the database that the operator should fix, though the product works. */
export interface DatabaseWarning {
  code: 'database-encoding';
  message: string;
}

/** A setting of PostgreSQL that the product's statements depend on. */
interface Needed {
  value: string;
  /** Tells whether a session's value works too. */
  suffices: (found: string) => boolean;
}

/** Every role may set these for its own sessions. */
const NEEDED: Readonly<Record<string, Needed>> = {
  DateStyle: { value: 'ISO, MDY', suffices: (found) => found.startsWith('ISO') },
  default_transaction_isolation: { value: 'read committed', suffices: (found) => found === 'read committed' },
  extra_float_digits: { value: '1', suffices: (found) => Number(found) >= 0 },
  // The migrator looks for its table in this schema. Extensions may be in other schemas, which follow it in the path.
  search_path: { value: 'public', suffices: (found) => found === 'public' },
};

/** The product needs this setting too and never changes it, because an operator may have stopped writes on purpose. */
const READ_ONLY = 'default_transaction_read_only';
const WRITABLE: Readonly<Record<string, Needed>> = {
  [READ_ONLY]: { value: 'off', suffices: (found) => found === 'off' },
};

/**
 * The server ends an idle transaction after this time. A suspended process would otherwise keep its locks and block
 * other instances.
 */
const FROZEN_AFTER = '5s';

/** Settings that make the product work better. It also works without them. */
const BETTER: Readonly<Record<string, string>> = {
  idle_in_transaction_session_timeout: FROZEN_AFTER,
  // The pool closes idle connections itself, and the listening connection is always idle.
  idle_session_timeout: '0',
  // Most statements look up a few rows by key. With the default cost, which suits spinning disks, PostgreSQL would scan
  // small tables.
  random_page_cost: '1.1',
};

const SET = { ...Object.fromEntries(Object.entries(NEEDED).map(([name, { value }]) => [name, value])), ...BETTER };

/** These encodings can store every text: as it is, or as the bytes that the driver sends. */
const ENCODINGS = ['UTF8', 'SQL_ASCII'];

interface Found {
  /** Quoted for use in a statement. */
  role: string;
  encoding: string;
  /** True when migrations have run here. */
  isInUse: boolean;
  settings: Settings;
}

type Settings = Readonly<Record<string, string>>;

/** Prepares the product's sessions on one server, and finds out whether a pooler shares them. */
export class ServerSessions {
  private pooled = false;

  /**
   * Tells whether a pooler shares the sessions with other clients. A setting of a shared session reaches those clients,
   * and may be gone at the next statement.
   */
  get arePooled(): boolean {
    return this.pooled;
  }

  /**
   * Sets what the product's statements rely on, unless a pooler shares the session. A pooler reports another process id
   * than the server.
   * One statement compares the ids and sets, so that it sets nothing on a shared session.
   * Startup parameters can't be used, because poolers refuse unknown ones.
   */
  async prepare(connection: OwnConnection): Promise<void> {
    const {
      rows: [found],
    } = (await connection.query(
      `select count(set_config(key, case key when 'search_path' then value || ', ' || current_setting(key) else value end, false))::int as set
       from json_each_text($2::json) where pg_backend_pid() = $1::int and current_setting(key, true) is not null`,
      [connection.processID, JSON.stringify(SET)],
    )) as { rows: { set: number }[] };
    this.pooled = found?.set === 0;
  }

  /** Sets for one transaction what a shared session can't keep. */
  async beginTransaction(trx: Kysely<never>): Promise<void> {
    if (this.pooled) await sql.raw(`set local idle_in_transaction_session_timeout = '${FROZEN_AFTER}'`).execute(trx);
  }

  /**
   * Returns a warning for each thing that works badly.
   * @throws DatabaseRefused for what doesn't work; the message says what to do
   */
  async examine(db: Kysely<never>): Promise<DatabaseWarning[]> {
    const found = await this.look(db);
    this.refuseSettings(found);
    return encodingWarnings(found);
  }

  private async look(db: Kysely<never>): Promise<Found> {
    const {
      rows: [found],
    } = await sql<Omit<Found, 'settings'> & Record<'present' | 'initial', Settings>>`
      select format('role %I in database %I', session_user, current_database()) as role, getdatabaseencoding() as encoding, to_regclass('migration') is not null as "isInUse",
        json_object_agg(name, case name when 'search_path' then current_schema() else setting end) as present,
        json_object_agg(name, case name when 'search_path' then current_schema() else reset_val end) as initial
      from pg_settings where name = any(${lines(Object.keys({ ...NEEDED, ...WRITABLE }))})`.execute(db);
    if (!found) throw new TypeError('no settings');
    // A pooler's session may hold settings of another client.
    return { ...found, settings: this.pooled ? found.initial : found.present };
  }

  private refuseSettings({ role, settings }: Found): void {
    const wrong = Object.entries({ ...NEEDED, ...WRITABLE }).filter(
      ([name, { suffices }]) => !suffices(settings[name] ?? ''),
    );
    if (wrong.length === 0) return;
    const found = wrong.map(([name, { value }]) => `${name} is ${settings[name] ?? 'none'} instead of ${value}`);
    const statements = wrong.map(([name, { value }]) => `alter ${role} set ${name} = '${value}'`);
    throw new DatabaseRefused(
      'database-settings',
      [
        `DATABASE_URL: the role's sessions begin with settings that the product can't work with: ${found.join(', ')}`,
        ...(wrong.some(([name]) => name === READ_ONLY)
          ? ['Find out first why writes were stopped: a provider does so when a disk is full']
          : []),
        `Run ${statements.join('; ')}`,
        ...(this.pooled ? ['Then have the pooler connect anew (PgBouncer: RECONNECT)'] : []),
      ].join('. '),
    );
  }
}

/** @throws DatabaseRefused when the database is still empty, because another one can replace it without loss */
function encodingWarnings({ encoding, isInUse }: Found): DatabaseWarning[] {
  if (ENCODINGS.includes(encoding)) return [];
  const what = `the database's encoding is ${encoding}: names and texts with other characters can't be stored`;
  if (!isInUse)
    throw new DatabaseRefused(
      'database-encoding',
      `DATABASE_URL: ${what}. Create another one with encoding 'UTF8' template template0`,
    );
  return [
    {
      code: 'database-encoding',
      message: `${what}. Dump it, and restore it into a database with encoding 'UTF8' template template0`,
    },
  ];
}
