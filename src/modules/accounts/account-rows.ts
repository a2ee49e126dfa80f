import { sql, type Kysely } from 'kysely';
import type { Database } from '../../shared/database/database.js';
import type { AccountTables } from './account-tables.js';
import type { SessionEnd } from './sessions/session.events.js';
import { markEnding } from './sessions/session-register.js';

export type AccountDb = Kysely<AccountTables>;

/** The fields of an account, with the hash of its password. */
export interface Credentials {
  name: string;
  passwordHash: string;
}

/** better-auth's name for signing in by password. */
export const CREDENTIAL = 'credential';

/** After this time every attempt has ended, and so has every append whose outcome was unknown. */
const STALE_MINUTES = 5;

/** The first half of the key of an advisory lock in PostgreSQL. The second half is a hash of the personId. */
const ACCOUNT_LOCKS = 735;

/** Runs the work on one person's account under a lock, one after the other on all instances. */
export function ofOnePerson<T>(database: Database, personId: string, work: (trx: AccountDb) => Promise<T>): Promise<T> {
  return database.transaction<AccountTables, T>(async (trx) => {
    await sql`select pg_advisory_xact_lock(${ACCOUNT_LOCKS}::int, hashtext(${personId}))`.execute(trx);
    return work(trx);
  });
}

/** Attempts that began before this time have ended. */
export function staleBefore(): Date {
  return new Date(Date.now() - STALE_MINUTES * 60_000);
}

/** Writes the rows of an account. Replaces an existing account, whose sessions end. */
export async function writeAccount(
  trx: AccountDb,
  personId: string,
  { name, passwordHash }: Credentials,
): Promise<void> {
  await removeAccount(trx, personId, 'password-changed');
  const times = { created_at: sql<string>`now()`, updated_at: sql<string>`now()` };
  await trx
    .insertInto('account_user')
    .values({ id: personId, name, email: accountEmail(personId), email_verified: true, ...times })
    .execute();
  await trx
    .insertInto('account_credential')
    .values({ user_id: personId, account_id: personId, provider_id: CREDENTIAL, password: passwordHash, ...times })
    .execute();
}

/**
 * Removes the rows of an account, and a new password that waits for it. Its sessions end last: one that begins
 * meanwhile waits for the row of the account, and then finds none.
 */
export async function removeAccount(trx: AccountDb, personId: string, how: SessionEnd): Promise<void> {
  await trx.deleteFrom('account_user').where('id', '=', personId).execute();
  await trx.deleteFrom('account_credential').where('user_id', '=', personId).execute();
  await trx.deleteFrom('pending_password').where('id', '=', personId).execute();
  await markEnding(trx, ({ eb }) => eb('user_id', '=', personId), how);
}

/** The address that better-auth stores, because it never gets the person's own. */
function accountEmail(personId: string): string {
  return `${personId}@account.invalid`;
}
