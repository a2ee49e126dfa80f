import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../shared/database/database.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { type AccountDb, ofOnePerson, removeAccount, staleBefore } from '../account-rows.js';
import type { AccountTables } from '../account-tables.js';
import { SessionRegister } from '../sessions/session-register.js';
import { closeAccount, closingsFrom } from './account-closing.js';

/** A closing that is under way. */
export interface Closing {
  personId: string;
  closingId: string;
  /** ISO UTC. A concurrent call begins it anew. */
  startedAt: string;
}

/**
 * Closes accounts. A row says that a closing is under way. AccountClosed decides that the account is closed, and then
 * its rows are removed. So a crash at any moment leaves an account, or an event that says it is closed. Source: ADR 0046
 */
@Injectable()
export class AccountClosings {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
    private readonly register: SessionRegister,
  ) {}

  /**
   * Notes that a closing is under way. Concurrent calls close the account together.
   * @returns null when another call has closed the account
   */
  async begin(personId: string): Promise<Closing | null> {
    const startedAt = new Date().toISOString();
    return ofOnePerson(this.database, personId, async (trx) => {
      const account = await trx.selectFrom('account_user').select('id').where('id', '=', personId).executeTakeFirst();
      if (!account) return null;
      const { closing_id: closingId } = await trx
        .insertInto('account_closing')
        .values({ id: personId, closing_id: randomUUID(), started_at: startedAt })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ started_at: startedAt }))
        .returning('closing_id')
        .executeTakeFirstOrThrow();
      return { personId, closingId, startedAt };
    });
  }

  /**
   * Stores AccountClosed, removes the account's rows and ends its sessions.
   * @param mayClose decides on what it reads; the event is stored only while that holds
   * @returns false when the account may not be closed now
   * @throws RuleBroken `too-many-conflicts` when the closing was given up meanwhile
   */
  async close({ personId, closingId }: Closing, mayClose: (reads: ReadSet) => Promise<boolean>): Promise<boolean> {
    const isClosed = await this.commandHandling.retrying(async (reads) => {
      if (!(await mayClose(reads))) return false;
      await this.commandHandling.decide({
        stream: personStream(personId),
        eventContext: { actor: personId, scope: PLATFORM, organisationId: null },
        decide: async (history) => {
          const domainEvents = closeAccount(closingsFrom(history), closingId);
          // Nobody would remove the rows of a closing that was given up.
          if (domainEvents.length > 0 && !(await this.isUnderWay(personId, closingId)))
            throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
          return domainEvents;
        },
        onlyIf: reads,
      });
      return true;
    });
    if (isClosed) await this.apply(personId, closingId);
    return isClosed;
  }

  /** The closing was refused: the account stays. Does nothing when another call began it anew. */
  async giveUp({ personId, closingId, startedAt }: Closing): Promise<void> {
    await this.rowOf(personId, closingId).where('started_at', '=', startedAt).execute();
  }

  /**
   * Settles what a crash left behind, by the person's stream. Does nothing while another call may still store it.
   * @returns whether the account was closed, and had rows until now
   */
  async resolve(personId: string): Promise<boolean> {
    const row = await this.db()
      .selectFrom('account_closing')
      .select('closing_id')
      .where('id', '=', personId)
      .executeTakeFirst();
    if (!row) return false;
    if (await this.isStored(personId, row.closing_id)) {
      await this.apply(personId, row.closing_id);
      return true;
    }
    await this.rowOf(personId, row.closing_id).where('started_at', '<', staleBefore().toISOString()).execute();
    return false;
  }

  /** Settles what crashes left behind. Runs at the start and by schedule. */
  async sweep(): Promise<void> {
    for (const { id } of await this.db().selectFrom('account_closing').select('id').execute()) await this.resolve(id);
  }

  /** Whether AccountClosed with this id is stored. */
  async isStored(personId: string, closingId: string): Promise<boolean> {
    return closingsFrom(await this.store.read(personStream(personId))).ids.includes(closingId);
  }

  private async isUnderWay(personId: string, closingId: string): Promise<boolean> {
    const row = await this.db()
      .selectFrom('account_closing')
      .select('id')
      .where('id', '=', personId)
      .where('closing_id', '=', closingId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** The closing is stored: nobody can sign in to the account, and its sessions end. */
  private async apply(personId: string, closingId: string): Promise<void> {
    await ofOnePerson(this.database, personId, async (trx) => {
      const { numDeletedRows } = await this.rowOf(personId, closingId, trx).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return;
      await removeAccount(trx, personId, 'account-closed');
      await trx.deleteFrom('provisional_account').where('id', '=', personId).execute();
    });
    await this.register.finishEnding(personId, personId);
  }

  private rowOf(personId: string, closingId: string, db = this.db()) {
    return db.deleteFrom('account_closing').where('id', '=', personId).where('closing_id', '=', closingId);
  }

  private db(): AccountDb {
    return this.database.kysely<AccountTables>();
  }
}
