import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { sql, type Kysely } from 'kysely';
import { Database } from '../../shared/database/database.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import type { AccountTables } from './account-tables.js';
import { Passwords } from './passwords.js';

/** The fields of an account; the password is hashed already. */
interface Credentials {
  name: string;
  passwordHash: string;
}

/** A provisional account: it stays if the acceptance that it was made for is stored. */
export interface AccountAttempt extends Credentials {
  id: string;
  personId: string;
  stream: string;
  invitationId: string;
}

/** After this time an attempt has ended, and so has an append whose outcome was unknown. */
const STALE_MINUTES = 5;

/**
 * How long an attempt waits for another invitation's attempt of the same person. An append takes milliseconds, and the
 * caller waits too.
 */
const WAIT_MS = 5000;
const LOOK_AGAIN_MS = 50;

/** better-auth's name for signing in by password. */
const CREDENTIAL = 'credential';

/** The first half of an account's key in PostgreSQL's advisory locks; the second is derived from the personId. */
const ACCOUNT_LOCKS = 735;

/** A person who doesn't exist. An unknown address is looked up as this one, so that it takes as long as a known one. */
export const NO_PERSON = {
  personId: '00000000-0000-4000-8000-000000000000',
  address: 'nobody@account.invalid' as EmailAddress,
};

/** The address that better-auth stores, because it never gets the person's own. */
function accountEmail(personId: string): string {
  return `${personId}@account.invalid`;
}

/**
 * Accounts by personId. One is made provisionally before the acceptance is stored; the stream decides whether it stays.
 * Source: ADR 0006
 */
@Injectable()
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly passwords: Passwords,
  ) {}

  /** Whether the person can sign in. Changes nothing: a provisional account counts once its acceptance is stored. */
  async exists(personId: string): Promise<boolean> {
    if (!(await account(this.db(), personId).executeTakeFirst())) return false;
    const open = await provisionalAccount(this.db(), personId).executeTakeFirst();
    return open === undefined || this.isAccepted(open);
  }

  /** Hashing is slow on purpose, so it comes before any decision. @throws RuleBroken `too-busy` with Retry-After */
  async hashPassword(password: string): Promise<string> {
    return this.passwords.hash(password);
  }

  /** The hash of the person's password; null when they have no confirmed account. Every person takes one query. */
  async passwordOf(personId: string): Promise<string | null> {
    const found = await this.db()
      .selectFrom('account_credential')
      .leftJoin('provisional_account', 'provisional_account.id', 'account_credential.user_id')
      .select(['password', 'stream', 'invitation_id'])
      .where('user_id', '=', personId)
      .where('provider_id', '=', CREDENTIAL)
      .executeTakeFirst();
    if (!found) return null;
    const { password, stream, invitation_id } = found;
    return stream === null || invitation_id === null || (await this.isAccepted({ stream, invitation_id }))
      ? password
      : null;
  }

  /**
   * Makes the provisional account, in place of an earlier attempt at the same invitation. Waits for an attempt at
   * another invitation to end, because both could be stored.
   * @returns false when there is a confirmed account.
   * @throws RuleBroken `too-many-conflicts` when the other attempt doesn't end
   */
  async begin(attempt: AccountAttempt): Promise<boolean> {
    for (const deadline = performance.now() + WAIT_MS; performance.now() < deadline;) {
      const begun = await this.tryToBegin(attempt);
      if (begun !== null) return begun;
      const other = await provisionalAccount(this.db(), attempt.personId).executeTakeFirst();
      if (other && (await this.isAccepted(other))) return false;
      if (other && new Date(other.started_at) < staleBefore()) await this.resolveProvisional(attempt.personId);
      else await setTimeout(LOOK_AGAIN_MS);
    }
    throw new RuleBroken('too-many-conflicts', { retryAfter: WAIT_MS / 1000 });
  }

  /** @returns null while another invitation's attempt is provisional */
  private async tryToBegin(attempt: AccountAttempt): Promise<boolean | null> {
    const row = {
      attempt: attempt.id,
      stream: attempt.stream,
      invitation_id: attempt.invitationId,
      started_at: new Date().toISOString(),
    };
    return this.ofOnePerson(attempt.personId, async (trx) => {
      // An account without a provisional row is confirmed, perhaps since the caller looked. Overwriting it would change
      // its password.
      const provisional = await provisionalAccount(trx, attempt.personId).executeTakeFirst();
      if (!provisional && (await account(trx, attempt.personId).executeTakeFirst())) return false;
      if (provisional && !isSameInvitation(provisional, row)) return null;
      await trx
        .insertInto('provisional_account')
        .values({ id: attempt.personId, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      await write(trx, attempt.personId, attempt);
      return true;
    });
  }

  /** The acceptance is stored, so the account holds, even when another attempt overwrote it or the sweep removed it. */
  async confirm(attempt: AccountAttempt): Promise<void> {
    await this.ofOnePerson(attempt.personId, async (trx) => {
      const present = await provisionalAccount(trx, attempt.personId).executeTakeFirst();
      if (present?.attempt !== attempt.id) await write(trx, attempt.personId, attempt);
      await forgetProvisionalAccount(trx, attempt.personId);
    });
  }

  /** The acceptance was refused: removes the account if it is still this attempt's. */
  async withdraw(attempt: AccountAttempt): Promise<void> {
    const present = await provisionalAccount(this.db(), attempt.personId).executeTakeFirst();
    if (present?.attempt === attempt.id) await this.resolveProvisional(attempt.personId);
  }

  /**
   * Makes a confirmed account, or replaces the password of the existing one. The first super-admin gets theirs this
   * way.
   */
  async install(personId: string, credentials: Credentials): Promise<void> {
    await this.ofOnePerson(personId, async (trx) => {
      await write(trx, personId, credentials);
      await forgetProvisionalAccount(trx, personId);
    });
  }

  /** Signs the person out everywhere. */
  async endSessions(personId: string): Promise<void> {
    await this.db().deleteFrom('account_session').where('user_id', '=', personId).execute();
  }

  /** @param token of the session, without signature */
  async proveMailbox(token: string): Promise<void> {
    await this.db().updateTable('account_session').set({ mailbox_proven: true }).where('token', '=', token).execute();
  }

  /** Resolves provisional accounts that a crash left behind. Runs at start and by schedule. */
  async sweep(all: boolean): Promise<void> {
    const limit = (all ? new Date() : staleBefore()).toISOString();
    const open = await this.db()
      .selectFrom('provisional_account')
      .select('id')
      .where('started_at', '<=', limit)
      .execute();
    for (const { id } of open) await this.resolveProvisional(id);
  }

  /** Reads the stream: a stored acceptance confirms the account; otherwise the account is removed. */
  async resolveProvisional(personId: string): Promise<void> {
    const open = await provisionalAccount(this.db(), personId).executeTakeFirst();
    if (!open) return;
    const accepted = await this.isAccepted(open);
    await this.ofOnePerson(personId, async (trx) => {
      const present = await provisionalAccount(trx, personId).executeTakeFirst();
      if (present?.attempt !== open.attempt) return;
      if (!accepted) await remove(trx, personId);
      await forgetProvisionalAccount(trx, personId);
    });
  }

  private async isAccepted({ stream, invitation_id }: ProvisionalRow): Promise<boolean> {
    const history = await this.store.read(stream);
    return history.some(({ type, data }) => type === 'InvitationAccepted' && data['invitationId'] === invitation_id);
  }

  /** Runs attempts, confirmations and the sweep of one person one after the other, on all instances. */
  private ofOnePerson<T>(personId: string, work: (trx: Db) => Promise<T>): Promise<T> {
    return this.database.transaction<AccountTables, T>(async (trx) => {
      await sql`select pg_advisory_xact_lock(${ACCOUNT_LOCKS}::int, hashtext(${personId}))`.execute(trx);
      return work(trx);
    });
  }

  private db(): Db {
    return this.database.kysely<AccountTables>();
  }
}

type Db = Kysely<AccountTables>;

/** The invitation whose acceptance decides about the account. */
interface ProvisionalRow {
  stream: string;
  invitation_id: string;
}

async function write(trx: Db, personId: string, { name, passwordHash }: Credentials): Promise<void> {
  await remove(trx, personId);
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

async function remove(trx: Db, personId: string): Promise<void> {
  await trx.deleteFrom('account_session').where('user_id', '=', personId).execute();
  await trx.deleteFrom('account_credential').where('user_id', '=', personId).execute();
  await trx.deleteFrom('account_user').where('id', '=', personId).execute();
}

function staleBefore(): Date {
  return new Date(Date.now() - STALE_MINUTES * 60_000);
}

function isSameInvitation(one: ProvisionalRow, other: ProvisionalRow): boolean {
  return one.stream === other.stream && one.invitation_id === other.invitation_id;
}

function account(db: Db, personId: string) {
  return db.selectFrom('account_user').select('id').where('id', '=', personId);
}

function provisionalAccount(db: Db, personId: string) {
  return db.selectFrom('provisional_account').selectAll().where('id', '=', personId);
}

async function forgetProvisionalAccount(trx: Db, personId: string): Promise<void> {
  await trx.deleteFrom('provisional_account').where('id', '=', personId).execute();
}
