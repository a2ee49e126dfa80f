import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../../shared/database/database.js';
import { EventStore, type StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import {
  type AccountDb,
  CREDENTIAL,
  type Credentials,
  ofOnePerson,
  removeAccount,
  staleBefore,
  writeAccount,
} from './account-rows.js';
import type { AccountTables } from './account-tables.js';
import { AccountClosings } from './closing/account-closings.js';
import { personStream } from '../people/people.domain.contract.js';
import { PendingPasswords } from './password/pending-passwords.js';
import { Passwords } from './passwords.js';

/** An attempt to make an account. The account is provisional until its acceptance is stored. */
export interface AccountAttempt extends Credentials {
  id: string;
  personId: string;
  stream: string;
  invitationId: string;
}

/**
 * How long an attempt waits for the same person's attempt at another invitation. It is short because an append takes
 * milliseconds and the caller waits.
 */
const WAIT_MS = 5000;
const LOOK_AGAIN_MS = 50;

/**
 * A person who doesn't exist. Sign-in looks this one up for an unknown address, so that it takes as long as a known
 * one.
 */
export const NO_PERSON = {
  personId: '00000000-0000-4000-8000-000000000000',
  address: 'nobody@account.invalid' as EmailAddress,
};

/**
 * Accounts by personId. An acceptance makes a provisional account before it is stored. The stream decides whether the
 * account stays. Source: ADR 0006
 */
@Injectable()
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly passwords: Passwords,
    private readonly pending: PendingPasswords,
    private readonly closings: AccountClosings,
  ) {}

  /** Whether the person can sign in. Changes nothing. A provisional account counts if its acceptance is stored. */
  async exists(personId: string): Promise<boolean> {
    return (await this.passwordOf(personId)) !== null;
  }

  /** Hashing is slow on purpose, so it comes before any decision. @throws RuleBroken `too-busy` with Retry-After */
  async hashPassword(password: string): Promise<string> {
    return this.passwords.hash(password);
  }

  /**
   * The hash of the person's password; null when they have no confirmed account, or closed it. Uses one query for every
   * person.
   */
  async passwordOf(personId: string): Promise<string | null> {
    const found = await this.db()
      .selectFrom('account_credential')
      .leftJoin('provisional_account', 'provisional_account.id', 'account_credential.user_id')
      .leftJoin('pending_password', 'pending_password.id', 'account_credential.user_id')
      .leftJoin('account_closing', 'account_closing.id', 'account_credential.user_id')
      .select([
        'account_credential.password',
        'stream',
        'invitation_id',
        'change_id',
        'pending_password.password as new_password',
        'closing_id',
      ])
      .where('user_id', '=', personId)
      .where('provider_id', '=', CREDENTIAL)
      .executeTakeFirst();
    if (!found) return null;
    const { password, stream, invitation_id, change_id, new_password, closing_id } = found;
    if (stream !== null && invitation_id !== null && !(await this.isAccepted({ stream, invitation_id }))) return null;
    if (closing_id !== null && (await this.closings.isStored(personId, closing_id))) return null;
    return change_id !== null && (await this.pending.isStored(personId, change_id)) ? new_password : password;
  }

  /**
   * Makes the provisional account. Replaces an earlier attempt at the same invitation. Waits until an attempt at
   * another invitation ends, because the log could store both acceptances.
   * @returns false when there is a confirmed account.
   * @throws RuleBroken `too-many-conflicts` when the other attempt doesn't end
   */
  async begin(attempt: AccountAttempt): Promise<boolean> {
    for (const deadline = performance.now() + WAIT_MS; performance.now() < deadline;) {
      const begun = await this.tryToBegin(attempt);
      if (begun === true) return true;
      const other = await provisionalAccount(this.db(), attempt.personId).executeTakeFirst();
      if (begun === false || (other && (await this.isAccepted(other)))) {
        // A closed account may still have rows.
        if (!(await this.closings.resolve(attempt.personId))) return false;
      } else if (other && new Date(other.started_at) < staleBefore()) await this.resolveProvisional(attempt.personId);
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
    return ofOnePerson(this.database, attempt.personId, async (trx) => {
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
      await writeAccount(trx, attempt.personId, attempt);
      return true;
    });
  }

  /**
   * Confirms the account after its acceptance is stored. Makes it again if another attempt overwrote it or the sweep
   * removed it, and not if the person closed it since.
   */
  async confirm(attempt: AccountAttempt): Promise<void> {
    const isPresent = await ofOnePerson(this.database, attempt.personId, async (trx) => {
      const present = await provisionalAccount(trx, attempt.personId).executeTakeFirst();
      if (present?.attempt !== attempt.id) return false;
      await forgetProvisionalAccount(trx, attempt.personId);
      return true;
    });
    if (isPresent || (await this.isClosedSince(attempt))) return;
    await this.install(attempt.personId, attempt);
  }

  /** Removes the account after its acceptance was refused, if it is still this attempt's. */
  async withdraw(attempt: AccountAttempt): Promise<void> {
    const present = await provisionalAccount(this.db(), attempt.personId).executeTakeFirst();
    if (present?.attempt === attempt.id) await this.resolveProvisional(attempt.personId);
  }

  /** Makes a confirmed account. Replaces an existing one. */
  async install(personId: string, credentials: Credentials): Promise<void> {
    await ofOnePerson(this.database, personId, async (trx) => {
      await writeAccount(trx, personId, credentials);
      await forgetProvisionalAccount(trx, personId);
    });
  }

  /** The name on the account; null when the person has none. It is the name of the acceptance or of the last change. */
  async nameOf(personId: string): Promise<string | null> {
    const row = await this.db().selectFrom('account_user').select('name').where('id', '=', personId).executeTakeFirst();
    return row?.name ?? null;
  }

  /** Follows a stored change of name. */
  async rename(personId: string, name: string): Promise<void> {
    await this.db().updateTable('account_user').set({ name }).where('id', '=', personId).execute();
  }

  /** @param token the session's token, without its signature */
  async proveMailbox(token: string): Promise<void> {
    await this.db().updateTable('account_session').set({ mailbox_proven: true }).where('token', '=', token).execute();
  }

  /** Resolves provisional accounts and new passwords that a crash left behind. Runs at start and by schedule. */
  async sweep(all: boolean): Promise<void> {
    const limit = (all ? new Date() : staleBefore()).toISOString();
    const open = await this.db()
      .selectFrom('provisional_account')
      .select('id')
      .where('started_at', '<=', limit)
      .execute();
    for (const { id } of open) await this.resolveProvisional(id);
    await this.pending.sweep(limit);
  }

  /** Confirms the account if the stream has its acceptance, and removes it otherwise. */
  async resolveProvisional(personId: string): Promise<void> {
    const open = await provisionalAccount(this.db(), personId).executeTakeFirst();
    if (!open) return;
    const accepted = await this.isAccepted(open);
    await ofOnePerson(this.database, personId, async (trx) => {
      const present = await provisionalAccount(trx, personId).executeTakeFirst();
      if (present?.attempt !== open.attempt) return;
      if (!accepted) await removeAccount(trx, personId, 'password-changed');
      await forgetProvisionalAccount(trx, personId);
    });
  }

  private async isAccepted({ stream, invitation_id }: ProvisionalRow): Promise<boolean> {
    const history = await this.store.read(stream);
    return history.some((event) => isAcceptance(event, invitation_id));
  }

  /** Whether the person closed the account after this attempt's acceptance was stored. */
  private async isClosedSince({ personId, stream, invitationId }: AccountAttempt): Promise<boolean> {
    const closed = (await this.store.read(personStream(personId))).findLast(({ type }) => type === 'AccountClosed');
    if (!closed) return false;
    const accepted = (await this.store.read(stream)).find((event) => isAcceptance(event, invitationId));
    return accepted !== undefined && this.store.comparePositions(closed.position, accepted.position) > 0;
  }

  private db(): AccountDb {
    return this.database.kysely<AccountTables>();
  }
}

/** The invitation whose acceptance confirms the account. */
interface ProvisionalRow {
  stream: string;
  invitation_id: string;
}

function isAcceptance({ type, data }: StoredEvent, invitationId: string): boolean {
  return type === 'InvitationAccepted' && data['invitationId'] === invitationId;
}

function isSameInvitation(one: ProvisionalRow, other: ProvisionalRow): boolean {
  return one.stream === other.stream && one.invitation_id === other.invitation_id;
}

function account(db: AccountDb, personId: string) {
  return db.selectFrom('account_user').select('id').where('id', '=', personId);
}

function provisionalAccount(db: AccountDb, personId: string) {
  return db.selectFrom('provisional_account').selectAll().where('id', '=', personId);
}

async function forgetProvisionalAccount(trx: AccountDb, personId: string): Promise<void> {
  await trx.deleteFrom('provisional_account').where('id', '=', personId).execute();
}
