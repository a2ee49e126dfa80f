import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Scopes } from '../../access/access.contract.js';
import { PersonNames } from '../../people/people.contract.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import type { OutboxState } from '../../../shared/outbox/outbox.js';
import { Clock } from '../../../shared/time/clock.js';
import { RECIPIENT_OUTCOMES } from '../invite/recipients.js';
import { INVITATION_MAIL, invitationMailProjection } from '../mails/invitation-mail.projection.js';
import type { InvitationView } from '../manage/invitation-view.js';
import type { Identifying } from '../policy/invitation-access.js';
import type { InvitationBatchView } from './batch.dto.js';
import { INVITATION_BATCHES, type InvitationBatchRow } from './invitation-batch-list.projection.js';

const NO_STATES = { pending: 0, accepted: 0, declined: 0, revoked: 0, expired: 0 };
const NO_MAILS = { waiting: 0, sent: 0, failed: 0, unsubscribed: 0, dropped: 0 };

type Counted = { batch_id: string; count: number } & (
  { of: 'invitations'; word: InvitationView['state'] } | { of: 'mails'; word: OutboxState }
);

/** Batches as the API shows them. A page takes a fixed number of queries. */
@Injectable()
export class BatchViews {
  constructor(
    private readonly database: Database,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly clock: Clock,
  ) {}

  /** @param inviters returns the issuers whom the reader may identify, in the scope of a row */
  async of(
    reader: string,
    rows: readonly InvitationBatchRow[],
    inviters: (row: InvitationBatchRow) => Identifying,
  ): Promise<InvitationBatchView[]> {
    const [counts, names, scopes, identified] = await Promise.all([
      this.countsOf(rows.map(({ id }) => id)),
      this.names.of(rows.map((row) => row.issued_by)),
      this.scopes.loadAll(rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id }))),
      Promise.all(rows.map(async (row) => (await inviters(row)([row.issued_by])).has(row.issued_by))),
    ]);
    return rows.map((row, n) => {
      const { invited, invitations, mails } = summed(counts.get(row.id) ?? []);
      return {
        id: row.id,
        kind: row.kind,
        scope: { kind: row.scope_kind, id: row.scope_id, name: scopes.get(row.scope_id)?.name ?? '' },
        invitedBy: {
          ...(identified[n] === true || row.issued_by === reader ? { personId: row.issued_by } : {}),
          name: names.get(row.issued_by) ?? null,
        },
        at: new Date(row.at).toISOString(),
        recipients: row.recipients ?? invited,
        finished: row.recipients === null || row.outcomes !== null,
        outcomes: outcomesOf(row, invited),
        notReached: row.not_reached ?? 0,
        invitations,
        mails,
      };
    });
  }

  /** A page of the batches that meet a condition, newest first. @param inviters whom the reader may identify */
  async page(
    reader: string,
    which: RawBuilder<boolean>,
    { cursor, limit }: PageRequest,
    inviters: Identifying,
  ): Promise<Page<InvitationBatchView>> {
    const after = readCursor(cursor, ['time', 'uuid']);
    const following = after ? sql`and (at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
    const { rows } = await sql<InvitationBatchRow & { sort_key: string }>`
      select *, at::text as sort_key from invitation_batch
      where ${which} ${following}
      order by at desc, id desc limit ${limit + 1}`.execute(this.database.kysely());
    const { items, nextCursor } = pageOf(rows, limit, (row) => [row.sort_key, row.id]);
    return { items: await this.of(reader, items, () => inviters), nextCursor };
  }

  /** The invitations by state, each counted along an index, and those mails that aren't sent, because nearly all are. */
  private async countsOf(ids: readonly string[]): Promise<Map<string, Counted[]>> {
    const now = this.clock.now().toISOString();
    const items = sql`invitation_batch_item item`;
    const mail = sql`outbox on outbox.invitation_id = item.id and outbox.issue = item.issue and outbox.kind = ${sql.lit(INVITATION_MAIL)}`;
    const unsent = (await this.mailsFollow())
      ? sql`${items} join ${mail} where outbox.state <> 'sent'`
      : sql`${items} left join ${mail} where outbox.state is distinct from 'sent'`;
    const { rows } = await sql<Counted>`
      with words (state, word, after, until) as (values
        ('pending', 'pending', ${now}::timestamptz, 'infinity'::timestamptz), ('pending', 'expired', '-infinity', ${now}),
        ('accepted', 'accepted', '-infinity', 'infinity'), ('declined', 'declined', '-infinity', 'infinity'),
        ('revoked', 'revoked', '-infinity', 'infinity'), ('expired', 'expired', '-infinity', 'infinity'))
      select 'invitations' as of, batch.id as batch_id, counted.count, words.word
      from unnest(${uuids(ids)}) as batch (id) cross join words cross join lateral (select count(*)::int as count from ${items}
        where item.batch_id = batch.id and item.state = words.state and item.expires_at > words.after and item.expires_at <= words.until) counted
      union all
      select 'mails', item.batch_id, count(*)::int, coalesce(outbox.state, 'pending')
      from ${unsent} and item.batch_id = any(${uuids(ids)}) group by 2, 4`.execute(this.database.kysely());
    return Map.groupBy(rows, ({ batch_id: id }) => id);
  }

  /**
   * Whether the outbox knows every invitation that the batches know. Otherwise those that it lacks are waiting, and each
   * is looked for.
   */
  private async mailsFollow(): Promise<boolean> {
    const { rows } = await sql<{ follow: boolean }>`
      select count(distinct coalesce(position, '')) = 1 as follow
      from checkpoint where name in (${INVITATION_BATCHES}, ${invitationMailProjection.name})`.execute(
      this.database.kysely(),
    );
    return rows[0]?.follow === true;
  }
}

/** All mails that aren't counted are sent. */
function summed(counts: readonly Counted[]): Pick<InvitationBatchView, 'invitations' | 'mails'> & { invited: number } {
  const [invitations, mails] = [{ ...NO_STATES }, { ...NO_MAILS }];
  for (const counted of counts) {
    if (counted.of === 'invitations') invitations[counted.word] += counted.count;
    else mails[mailWord(counted.word)] += counted.count;
  }
  const [invited, unsent] = [sum(invitations), sum(mails)];
  return { invited, invitations, mails: { ...mails, sent: invited - unsent } };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** The counts of the answer. Of a call with one recipient, or one without an answer, the invitations are known. */
function outcomesOf({ outcomes }: InvitationBatchRow, invited: number): InvitationBatchView['outcomes'] {
  const none = Object.fromEntries(RECIPIENT_OUTCOMES.map((outcome) => [outcome, 0]));
  return { ...none, ...(outcomes ?? { invited }) } as InvitationBatchView['outcomes'];
}

function mailWord(state: OutboxState): keyof InvitationBatchView['mails'] {
  switch (state) {
    case 'pending':
      return 'waiting';
    case 'address-invalid':
      return 'failed';
    case 'sent':
    case 'failed':
    case 'dropped':
    case 'unsubscribed':
      return state;
  }
}
