import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { SYSTEM } from '../../shared/event-sourcing/command-handling.js';
import { Clock } from '../../shared/time/clock.js';
import { Database } from '../../shared/database/database.js';
import { pageOf, readCursor, type Page } from '../../shared/http/lists/pagination.js';
import type { InvitationTables, OutboxTables } from '../invitations/invitations.contract.js';
import { People } from '../people/people.contract.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { hasBeenDue, type OutboxEntry, type OutboxState } from '../../shared/outbox/outbox.js';

/**
 * A mail as the mailbox shows it. Its content is null when its invitation is no longer pending, because the product
 * stores no mail and no link.
 */
export interface MailboxMail {
  key: string;
  /** Null for an erased person. */
  recipient: string | null;
  state: OutboxState;
  /** When the mail reached its state: ISO UTC. */
  at: string;
  subject: string | null;
  html: string | null;
  text: string | null;
}

const PAGE_SIZE = 20;
type Row = OutboxEntry & { state: OutboxState; queued_at: string; at: string; person_id: string | null };

/** Reads the outbox of an installation without a mail server. It writes each mail again for each request. */
@Injectable()
export class Mailbox {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly dispatcher: MailDispatcher,
    private readonly clock: Clock,
  ) {}

  /**
   * The mails that have been due, newest first by their first due time, so that a change of state doesn't move a mail.
   * @throws RuleBroken `invalid-input` for an invalid cursor
   */
  async list(cursor: string | undefined): Promise<Page<MailboxMail>> {
    const after = readCursor(cursor, ['time', 'uuid']);
    let query = this.rows()
      .where(hasBeenDue(this.clock.now()))
      .orderBy('outbox.queued_at', 'desc')
      .orderBy('outbox.key', 'desc');
    if (after)
      query = query.where(sql<boolean>`(outbox.queued_at, outbox.key) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const { items, nextCursor } = pageOf(await query.limit(PAGE_SIZE + 1).execute(), PAGE_SIZE, (row) => [
      row.queued_at,
      row.key,
    ]);
    return { items: await this.written(items), nextCursor };
  }

  /** One mail; undefined if there is none. @param key UUID */
  async find(key: string): Promise<MailboxMail | undefined> {
    return (await this.written(await this.rows().where('outbox.key', '=', key).execute()))[0];
  }

  private rows() {
    return (
      this.database
        .kysely<OutboxTables & InvitationTables>()
        .selectFrom('outbox')
        .leftJoin('invitation', 'invitation.id', 'outbox.invitation_id')
        // Leaves out the invitation of the first super-admin, because the system accepted it for them and sends no
        // mail.
        .where((or) =>
          or.or([
            or('invitation.scope_kind', 'is', null),
            or('invitation.scope_kind', '<>', 'platform'),
            or('invitation.issued_by', '<>', SYSTEM),
          ]),
        )
        .select([
          'outbox.key',
          'outbox.kind',
          'outbox.stream',
          'outbox.invitation_id',
          'outbox.issue',
          'outbox.state',
          'outbox.queued_at',
          'outbox.at',
          'invitation.person_id',
        ])
    );
  }

  private async written(rows: readonly Row[]): Promise<MailboxMail[]> {
    const people = await this.people.getByIds(rows.flatMap((row) => row.person_id ?? []));
    return Promise.all(
      rows.map(async ({ at, queued_at: _queuedAt, person_id: personId, state, ...entry }) => {
        const mail = await this.dispatcher.compose(entry);
        const recipient = mail?.to ?? (personId === null ? undefined : people.get(personId)?.email) ?? null;
        const { subject = null, html = null, text = null } = mail ?? {};
        return { key: entry.key, recipient, state, at: new Date(at).toISOString(), subject, html, text };
      }),
    );
  }
}
