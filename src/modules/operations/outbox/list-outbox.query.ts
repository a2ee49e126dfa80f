import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { type CountedPage, pageOf, readCursor } from '../../../shared/http/lists/pagination.js';
import { countUpToMost } from '../../../shared/http/lists/totals.js';
import { isUnsent, type UnsentState } from '../../../shared/outbox/unsent.js';
import { Clock } from '../../../shared/time/clock.js';
import { MAIL_FAILURE_ADVICE } from '../mail-failure-advice.js';
import type { OutboxEntryView, OutboxListDto } from './outbox.dto.js';

interface Row {
  key: string;
  kind: string;
  state: string;
  attempts: number;
  queued_at: string;
  due_at: string;
  error: string | null;
  error_code: string | null;
  sort_key: string;
}

/** Mails that weren't sent, of one state, newest first, for super-admins. */
export class ListOutbox extends Query<CountedPage<OutboxEntryView>> {
  constructor(
    readonly actor: string,
    readonly dto: OutboxListDto,
  ) {
    super();
  }
}

@QueryHandler(ListOutbox)
export class ListOutboxHandler implements IQueryHandler<ListOutbox> {
  constructor(
    private readonly authorization: Authorization,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, dto }: ListOutbox): Promise<CountedPage<OutboxEntryView>> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const { state, limit, cursor, total } = dto;
    const which = isUnsent(state, this.clock.now());
    const after = readCursor(cursor, ['time', 'uuid']);
    const following = after ? sql`and (queued_at, key) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
    const db = this.database.kysely();
    const [{ rows }, counted] = await Promise.all([
      sql<Row>`select key, kind, state, attempts, queued_at, due_at, error, error_code, queued_at::text as sort_key
        from outbox where ${which} ${following} order by queued_at desc, key desc limit ${limit + 1}`.execute(db),
      total === 'true' ? countUpToMost(db, sql`select 1 from outbox where ${which}`) : undefined,
    ]);
    const { items, nextCursor } = pageOf(rows, limit, (row) => [row.sort_key, row.key]);
    return { items: items.map((row) => entryView(row, state)), nextCursor, ...counted };
  }
}

function entryView({ key, kind, attempts, ...row }: Row, state: UnsentState): OutboxEntryView {
  const error = row.error ?? (row.state === 'address-invalid' ? row.state : null);
  return {
    key,
    kind,
    state,
    attempts,
    queuedAt: new Date(row.queued_at).toISOString(),
    nextTryAt: state === 'retrying' || state === 'scheduled' ? new Date(row.due_at).toISOString() : null,
    error,
    errorCode: row.error_code,
    advice: error !== null && error in MAIL_FAILURE_ADVICE ? MAIL_FAILURE_ADVICE[error as never] : null,
    isRetryable: row.state === 'failed' || state === 'retrying',
  };
}
