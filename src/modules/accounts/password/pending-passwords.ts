import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { personStream } from '../../people/people.domain.contract.js';
import { type AccountDb, CREDENTIAL, ofOnePerson, staleBefore } from '../account-rows.js';
import type { AccountTables } from '../account-tables.js';
import type { SessionEnd } from '../sessions/session.events.js';
import { markEnding } from '../sessions/session-register.js';
import { passwordFrom } from './password.js';

/** A new password that holds once PasswordChanged with its id is stored. */
export interface PendingPassword {
  changeId: string;
  personId: string;
  passwordHash: string;
  /** Id of the session that stays. */
  keepSession: string | null;
  endSessions: SessionEnd;
}

/** The row of a new password. */
type PendingKey = Pick<PendingPassword, 'personId' | 'changeId'>;

/** New passwords beside the present ones, until it is known whether their PasswordChanged is stored. Source: ADR 0044 */
@Injectable()
export class PendingPasswords {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /** Keeps a new password beside the present one. @returns false while another one waits there */
  async hold({ personId, changeId, passwordHash, keepSession, endSessions }: PendingPassword): Promise<boolean> {
    const held = await this.db()
      .insertInto('pending_password')
      .values({
        id: personId,
        change_id: changeId,
        password: passwordHash,
        keep_session: keepSession,
        end_sessions: endSessions,
        started_at: new Date().toISOString(),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    return held.length > 0;
  }

  /** The change is stored: the new password holds, and sessions end. */
  async apply({ personId, changeId }: PendingKey): Promise<void> {
    await ofOnePerson(this.database, personId, async (trx) => {
      const [pending] = await trx
        .deleteFrom('pending_password')
        .where('id', '=', personId)
        .where('change_id', '=', changeId)
        .returningAll()
        .execute();
      if (!pending) return;
      await trx
        .updateTable('account_credential')
        .set({ password: pending.password, updated_at: sql<string>`now()` })
        .where('user_id', '=', personId)
        .where('provider_id', '=', CREDENTIAL)
        .execute();
      const { keep_session } = pending;
      await markEnding(
        trx,
        (row) =>
          row.and([row('user_id', '=', personId), ...(keep_session === null ? [] : [row('id', '!=', keep_session)])]),
        pending.end_sessions as SessionEnd,
      );
    });
  }

  /** The change was refused. */
  async drop({ personId, changeId }: PendingKey): Promise<void> {
    await this.db()
      .deleteFrom('pending_password')
      .where('id', '=', personId)
      .where('change_id', '=', changeId)
      .execute();
  }

  /** Settles what a crash left behind, by the person's stream. Does nothing while another call may still store it. */
  async resolve(personId: string): Promise<void> {
    const pending = await this.db()
      .selectFrom('pending_password')
      .select(['change_id', 'started_at'])
      .where('id', '=', personId)
      .executeTakeFirst();
    if (!pending) return;
    const change = { personId, changeId: pending.change_id };
    if (await this.isStored(personId, pending.change_id)) await this.apply(change);
    else if (new Date(pending.started_at) < staleBefore()) await this.drop(change);
  }

  /** Settles those that began by this time. */
  async sweep(limit: string): Promise<void> {
    const changes = await this.db()
      .selectFrom('pending_password')
      .select('id')
      .where('started_at', '<=', limit)
      .execute();
    for (const { id } of changes) await this.resolve(id);
  }

  /** Whether the change is stored, so that the new password holds. */
  async isStored(personId: string, changeId: string): Promise<boolean> {
    return passwordFrom(await this.store.read(personStream(personId))).changeIds.includes(changeId);
  }

  private db(): AccountDb {
    return this.database.kysely<AccountTables>();
  }
}
