import type { MikroORM, Transaction } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { sql, type Kysely } from 'kysely';
import { DatabaseRefused } from './database-refused.js';

/** Permanent: instances of other versions take the same one. */
const LOCK = 7_350_002;
/** A statement that waits for longer might be ended by a limit of the server's or a pooler's. */
const WAIT_IN_SLICES_OF = '2s';
const GIVE_UP_AFTER_MS = 5 * 60_000;

/** For an instance that finds another one migrating. */
export interface Waiting {
  giveUpAfterMs?: number | undefined;
  /** Called once, with a sentence for the log. */
  onWaiting?: ((sentence: string) => void) | undefined;
}

interface Migrated {
  orm: MikroORM;
  db: Kysely<never>;
  /** Begins each transaction of the product. */
  beginTransaction: (trx: Kysely<never>) => Promise<void>;
}

/**
 * One instance at a time: lock and migrations are one transaction, which a pooler gives to one session of the server and the server ends with its
 * session. @throws DatabaseRefused when another session holds the lock for too long, or whatever fails in a migration
 */
export async function migrateInTurn(
  migrated: Migrated,
  { giveUpAfterMs = GIVE_UP_AFTER_MS, onWaiting }: Waiting,
): Promise<void> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  let isTold = false;
  while (!(await isMigrated(migrated))) {
    const holder = await holderOf(migrated.db);
    if (holder === undefined) continue;
    if (!isTold)
      onWaiting?.(`another session migrates the database (its process at the server: ${holder}), waiting for it`);
    isTold = true;
    if (performance.now() > giveUpAt) throw refusal(holder, giveUpAfterMs);
  }
}

/** @returns false when another session held the lock for the whole slice */
async function isMigrated({ orm, beginTransaction }: Migrated): Promise<boolean> {
  const migrator = orm.migrator as Migrator;
  try {
    await orm.em.getConnection().transactional(async (transaction: Transaction<Kysely<never>>) => {
      await beginTransaction(transaction);
      await takeLock(transaction);
      // The table of migrations too: of two instances that make it at once one would fail.
      migrator.getStorage().setMasterMigration(transaction);
      await migrator.up({ transaction });
    });
    return true;
  } catch (error) {
    if (error instanceof LockHeld) return false;
    throw error;
  }
}

class LockHeld extends Error {}

const LOCK_NOT_AVAILABLE = '55P03';

/** Until the transaction ends. @throws LockHeld */
async function takeLock(trx: Kysely<never>): Promise<void> {
  await setLimits(trx, { lock_timeout: WAIT_IN_SLICES_OF, statement_timeout: '0', transaction_timeout: '0' });
  try {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
  } catch (error) {
    throw (error as { code?: string }).code === LOCK_NOT_AVAILABLE ? new LockHeld() : error;
  }
  await setLimits(trx, { lock_timeout: '0' });
}

/** An operator's own limits are for the statements of every day. Those that this version of PostgreSQL doesn't know are left out. */
async function setLimits(trx: Kysely<never>, limits: Readonly<Record<string, string>>): Promise<void> {
  await sql`select set_config(key, value, true) from json_each_text(${JSON.stringify(limits)}::json) where current_setting(key, true) is not null`.execute(
    trx,
  );
}

/** The server's number of the session that holds the lock; undefined: none does any more. */
async function holderOf(db: Kysely<never>): Promise<string | undefined> {
  const {
    rows: [holder],
  } = await sql<{ pid: string }>`
    select pid::text as pid from pg_locks where locktype = 'advisory' and classid = 0 and objid = ${LOCK} and objsubid = 1 and granted
      and database = (select oid from pg_database where datname = current_database())`.execute(db);
  return holder?.pid;
}

function refusal(holder: string, forMs: number): DatabaseRefused {
  const minutes = String(Math.round(forMs / 60_000));
  return new DatabaseRefused(
    'migration-lock-held',
    `the lock of migrations has been held for ${minutes} minutes by process ${holder} of the server. While an instance migrates, wait. ` +
      `Otherwise a version before this one left it behind in a session of a pooler: end that session by select pg_terminate_backend(${holder})`,
  );
}
