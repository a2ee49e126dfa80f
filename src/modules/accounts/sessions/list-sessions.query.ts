import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import type { AccountTables } from '../account-tables.js';
import { deviceOf } from './device.js';
import type { SessionView } from './session.dto.js';
import { SessionIdleTime } from './session-idle-time.js';

/** The person's sessions that hold, newest first. `sessionId` is the one that asks. */
export class ListSessions extends Query<Page<SessionView>> {
  constructor(
    readonly personId: string,
    readonly sessionId: string | null,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListSessions)
export class ListSessionsHandler implements IQueryHandler<ListSessions> {
  constructor(
    private readonly database: Database,
    private readonly idleTime: SessionIdleTime,
  ) {}

  async execute({ personId, sessionId, page }: ListSessions): Promise<Page<SessionView>> {
    const after = readCursor(page.cursor, ['time', 'uuid']);
    const usedSince = this.idleTime.limitAt(Date.now());
    let query = this.database
      .kysely<AccountTables>()
      .selectFrom('account_session')
      .select(['id', 'user_agent', 'created_at', 'used_at'])
      .where('user_id', '=', personId)
      .where('state', '=', 'open')
      .where('expires_at', '>', new Date().toISOString());
    if (usedSince) query = query.where(sql<boolean>`coalesce(used_at, created_at) > ${usedSince.toISOString()}`);
    if (after) query = query.where(sql<boolean>`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.created_at, row.id]);
    return {
      items: items.map(({ id, user_agent, created_at, used_at }) => ({
        id,
        device: deviceOf(user_agent),
        createdAt: new Date(created_at).toISOString(),
        lastUsedAt: new Date(used_at ?? created_at).toISOString(),
        current: id === sessionId,
      })),
      nextCursor,
    };
  }
}
