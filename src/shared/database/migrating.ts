import type { MikroORM, Transaction } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { sql, type Kysely } from 'kysely';
import { DatabaseRefused } from './database-refused.js';

/** Permanent, because instances of other versions take the same lock. */
const LOCK = 7_350_002;
/** A statement that waits longer might be ended by a limit of the server or a pooler. */
const WAIT_IN_SLICES_OF = '2s';
const GIVE_UP_AFTER_MS = 5 * 60_000;

/** Options for an instance that waits while another one migrates. */
export interface Waiting {
  giveUpAfterMs?: number | undefined;
  /** Called once, with a sentence for the log. */
  onWaiting?: ((sentence: string) => void) | undefined;
}

interface Migrated {
  orm: MikroORM;
  db: Kysely<never>;
  /** Runs at the start of each transaction of the product. */
  beginTransaction: (trx: Kysely<never>) => Promise<void>;
}

/**
 * Migrates one instance at a time. Lock and migrations share a transaction, because a pooler keeps that on one session.
 * The server ends it with the session, so a dead instance leaves no lock.
 * @throws DatabaseRefused when another session holds the lock for too long, or what a migration throws
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
      // The migrator's own table is created here too, because one of two concurrent creations would fail.
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

/**
 * Takes the lock until the transaction ends.
 * @throws LockHeld
 */
async function takeLock(trx: Kysely<never>): Promise<void> {
  await setLimits(trx, { lock_timeout: WAIT_IN_SLICES_OF, statement_timeout: '0', transaction_timeout: '0' });
  try {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
  } catch (error) {
    throw (error as { code?: string }).code === LOCK_NOT_AVAILABLE ? new LockHeld() : error;
  }
  await setLimits(trx, { lock_timeout: '0' });
}

/**
 * Lifts an operator's limits, because they are meant for everyday statements. Skips settings that this version of
 * PostgreSQL doesn't have.
 */
async function setLimits(trx: Kysely<never>, limits: Readonly<Record<string, string>>): Promise<void> {
  await sql`select set_config(key, value, true) from json_each_text(${JSON.stringify(limits)}::json) where current_setting(key, true) is not null`.execute(
    trx,
  );
}

/** Returns the server's process id of the session that holds the lock; undefined when no session does. */
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
