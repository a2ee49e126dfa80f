import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Roles } from '../../access/access.contract.js';
import {
  hasAddressWith,
  PERSON_COLUMNS,
  type PersonDirectoryTables,
  Pseudonyms,
} from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import { Sorting, sortWords } from '../../../shared/http/lists/sorting.js';
import type { SeenPlace } from '../policy/invitation-access.js';
import type { InvitationTables } from './invitation-list.projection.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

/** What a list of invitations can be sorted by; `-` is descending. */
export const INVITATION_SORTS = sortWords('invitedAt', 'expiresAt', 'email');
export type InvitationSort = (typeof INVITATION_SORTS)[number];

const COLUMNS = {
  invitedAt: { value: sql`invitation.invited_at`, kind: 'time' },
  expiresAt: { value: sql`invitation.expires_at`, kind: 'time' },
  email: PERSON_COLUMNS.email,
} as const;

export interface InvitationFilter {
  state?: InvitationView['state'] | undefined;
  role?: string | undefined;
  /** The address contains this text. */
  q?: string | undefined;
}

/** A scope's invitations, for a caller who is authorised to see them. */
export class ListInvitations extends Query<Page<InvitationView>> {
  constructor(
    readonly reader: string,
    readonly kind: string,
    readonly seen: SeenPlace,
    readonly filter: InvitationFilter,
    readonly page: PageRequest & { sort: InvitationSort },
  ) {
    super();
  }
}

@QueryHandler(ListInvitations)
export class ListInvitationsHandler implements IQueryHandler<ListInvitations> {
  constructor(
    private readonly database: Database,
    private readonly views: InvitationViews,
    private readonly roles: Roles,
    private readonly clock: Clock,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  async execute({ reader, kind, seen, filter, page }: ListInvitations): Promise<Page<InvitationView>> {
    const { scope, sight } = seen;
    const sorting = new Sorting(page.sort, COLUMNS, sql`invitation.id`);
    // Cursors hold the ids that the reader sees, so that they reveal no stored id.
    const [shownId, storedId] = this.pseudonyms.forCursors(sight);
    const after = sorting.after(page.cursor, storedId);
    const now = this.clock.now().toISOString();
    let query = this.database
      .kysely<InvitationTables & PersonDirectoryTables>()
      .selectFrom('invitation')
      .selectAll('invitation')
      .select(sorting.key.as('sort_key'))
      .where('scope_id', '=', scope.id)
      .where('kind', '=', kind);
    if (filter.role)
      query = query.where(
        'role',
        'in',
        await this.roles.idsOf({ role: filter.role, organisationId: scope.organisation?.id ?? null }),
      );
    if (filter.state === 'expired') {
      query = query.where((or) =>
        or.or([or('state', '=', 'expired'), or.and([or('state', '=', 'pending'), or('expires_at', '<=', now)])]),
      );
    } else if (filter.state === 'pending') query = query.where('state', '=', 'pending').where('expires_at', '>', now);
    else if (filter.state) query = query.where('state', '=', filter.state);
    // An inner join, so that the query can begin with the people. Every invitee is in the directory.
    if (filter.q || page.sort.endsWith('email'))
      query = query.innerJoin('person_directory', 'person_directory.id', 'invitation.person_id');
    if (filter.q) query = query.where(hasAddressWith(filter.q));
    if (after) query = query.where(after);
    const rows = await query
      .orderBy(sorting.order)
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = sorting.page(rows, page.limit, shownId);
    return { items: await this.views.of(reader, items, seen), nextCursor };
  }
}
