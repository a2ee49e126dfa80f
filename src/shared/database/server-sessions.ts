import { sql, type Kysely } from 'kysely';
import type { OwnConnection } from './database.js';
import { DatabaseRefused } from './database-refused.js';
import { lines } from './lists.js';

/** Something about the database that its operator should mend; the product works all the same. */
export interface DatabaseWarning {
  code: 'database-encoding';
  message: string;
}

/** A setting of PostgreSQL without which statements fail, or mean something else. */
interface Needed {
  value: string;
  /** Whether what a session has is as good. */
  suffices: (found: string) => boolean;
}

/** Every role may set these for its own sessions. */
const NEEDED: Readonly<Record<string, Needed>> = {
  DateStyle: { value: 'ISO, MDY', suffices: (found) => found.startsWith('ISO') },
  default_transaction_isolation: { value: 'read committed', suffices: (found) => found === 'read committed' },
  extra_float_digits: { value: '1', suffices: (found) => Number(found) >= 0 },
  // The migrator looks for its table in this schema. Extensions may be in others, which stay behind it.
  search_path: { value: 'public', suffices: (found) => found === 'public' },
};

/** Needed as well, and never set by the product: somebody means to stop writes. */
const READ_ONLY = 'default_transaction_read_only';
const WRITABLE: Readonly<Record<string, Needed>> = {
  [READ_ONLY]: { value: 'off', suffices: (found) => found === 'off' },
};

/** A process that is put to sleep within a transaction holds its locks: after this the server ends it, and another instance can go on. */
const FROZEN_AFTER = '5s';

/** What the product works without, and better with. */
const BETTER: Readonly<Record<string, string>> = {
  idle_in_transaction_session_timeout: FROZEN_AFTER,
  // The pool closes what is idle for long; the connection that listens always is.
  idle_session_timeout: '0',
  // Most statements look a few rows up by key. By PostgreSQL's own default, made for disks that turn, it would rather read all of a table that is still small.
  random_page_cost: '1.1',
};

const SET = { ...Object.fromEntries(Object.entries(NEEDED).map(([name, { value }]) => [name, value])), ...BETTER };

/** Every text can be stored: as it is, or as the bytes that the driver sends. */
const ENCODINGS = ['UTF8', 'SQL_ASCII'];

interface Found {
  /** As a statement names it. */
  role: string;
  encoding: string;
  /** Migrations ran here. */
  isInUse: boolean;
  settings: Settings;
}

type Settings = Readonly<Record<string, string>>;

/** What the product's sessions on one server are: their own, or a pooler's. */
export class ServerSessions {
  private pooled = false;

  /** Behind a pooler a session is other clients' too: what is set for it leaks, and may be gone for the next statement. */
  get arePooled(): boolean {
    return this.pooled;
  }

  /**
   * Sets what the product's statements rely on, where the session is its own: a pooler tells another number than the server. One statement, so that
   * nothing is set before that is known; no startup parameters, since poolers refuse those that they don't know.
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

  /** For a transaction's first statement: what no session has been given. */
  async beginTransaction(trx: Kysely<never>): Promise<void> {
    if (this.pooled) await sql.raw(`set local idle_in_transaction_session_timeout = '${FROZEN_AFTER}'`).execute(trx);
  }

  /** What works badly. @throws DatabaseRefused for what doesn't work, with what to do */
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
    // What is set in a pooler's session at present may be another client's.
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

/** @throws DatabaseRefused where nothing is lost by another database */
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
