import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { Scope } from '../access/scopes.js';
import { Database } from '../database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../http/pagination.js';
import type { PersonDirectoryTables } from '../privacy/person-directory.js';
import type { InvitationTables } from './invitation-list.projection.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

export interface InvitationFilter {
  state?: InvitationView['state'] | undefined;
  role?: string | undefined;
  /** The address contains this. */
  q?: string | undefined;
}

/** A scope's invitations, newest first; the caller has been allowed to see them. */
export class ListInvitations extends Query<Page<InvitationView>> {
  constructor(
    readonly kind: string,
    readonly scope: Scope,
    readonly filter: InvitationFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListInvitations)
export class ListInvitationsHandler implements IQueryHandler<ListInvitations> {
  constructor(
    private readonly database: Database,
    private readonly views: InvitationViews,
  ) {}

  async execute({ kind, scope, filter, page }: ListInvitations): Promise<Page<InvitationView>> {
    const after = readCursor(page.cursor, ['time', 'uuid']);
    const now = new Date().toISOString();
    let query = this.database
      .kysely<InvitationTables & PersonDirectoryTables>()
      .selectFrom('invitation')
      .selectAll('invitation')
      .where('scope_id', '=', scope.id)
      .where('kind', '=', kind);
    if (filter.role) query = query.where('role', '=', filter.role);
    if (filter.state === 'expired') {
      query = query.where((or) => or.or([or('state', '=', 'expired'), or.and([or('state', '=', 'pending'), or('expires_at', '<=', now)])]));
    } else if (filter.state === 'pending') query = query.where('state', '=', 'pending').where('expires_at', '>', now);
    else if (filter.state) query = query.where('state', '=', filter.state);
    if (filter.q) {
      query = query
        .innerJoin('person_directory', 'person_directory.id', 'invitation.person_id')
        .where(sql<boolean>`strpos(person_directory.email, ${filter.q.trim().toLowerCase()}) > 0`);
    }
    if (after) query = query.where(sql<boolean>`(invitation.invited_at, invitation.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query.orderBy('invitation.invited_at', 'desc').orderBy('invitation.id', 'desc').limit(page.limit + 1).execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.invited_at, row.id]);
    return { items: await this.views.of(items, scope), nextCursor };
  }
}
