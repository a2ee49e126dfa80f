import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql, type RawBuilder } from 'kysely';
import { Roles, type Scope, type Sight } from '../../access/access.contract.js';
import { hasAddressWith, PERSON_COLUMNS, Pseudonyms } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { Sorting, sortWords } from '../../../shared/http/lists/sorting.js';
import { MOST_COUNTED } from '../../../shared/http/lists/totals.js';
import { HAS_FAILED } from '../../../shared/outbox/outbox.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pageOfScopes, type RowsOfScopes } from '../lists/rows-of-scopes.js';
import type { WithinParameter } from '../lists/within.dto.js';
import { INVITATION_MAIL } from '../mails/invitation-mail.projection.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { InvitationListDto } from './invitation.dto.js';
import type { InvitationRow } from './invitation-list.projection.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

const SORT_NAMES = ['invitedAt', 'expiresAt', 'email'] as const;
type SortName = (typeof SORT_NAMES)[number];
/** The sort orders of a list of invitations; `-` is descending. */
export const INVITATION_SORTS = sortWords(...SORT_NAMES);
export type InvitationSort = (typeof INVITATION_SORTS)[number];

const COLUMNS = {
  invitedAt: { value: sql`invitation.invited_at`, kind: 'time' },
  expiresAt: { value: sql`invitation.expires_at`, kind: 'time' },
  email: PERSON_COLUMNS.email,
} as const;

/** An inner join lets the query begin with the people. It loses no row, because the directory has every invitee. */
const WITH_PEOPLE = sql`inner join person_directory on person_directory.id = invitation.person_id`;
/** An inner join lets the query begin with the mails that failed. It repeats no row, because an issue has one mail. */
const WITH_FAILED_MAIL = sql`inner join (select invitation_id, issue as mail_issue from outbox where kind = ${INVITATION_MAIL} and ${HAS_FAILED}) failed
  on failed.invitation_id = invitation.id and failed.mail_issue = invitation.issue`;

export interface InvitationFilter {
  state?: InvitationView['state'] | undefined;
  role?: string | undefined;
  /** The address contains this text. */
  q?: string | undefined;
  /** The newest mail failed for good, or waits for another attempt. */
  mail?: 'failed' | undefined;
}

/** An authorised call: the scopes that it lists, how the reader sees their people, and how rows are shown. */
interface Authorised {
  /** The scope of the call. */
  scope: Scope;
  scopeIds: readonly string[];
  sight: Sight;
  show: (rows: readonly InvitationRow[]) => Promise<InvitationView[]>;
}

/** A scope's invitations of one type, for callers who may list them. */
export class ListInvitations extends Query<CountedPage<InvitationView>> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly scope: ScopeRef,
    readonly dto: InvitationListDto & WithinParameter,
    /** A count of the list stops here. */
    readonly countUpTo = MOST_COUNTED,
  ) {
    super();
  }
}

@QueryHandler(ListInvitations)
export class ListInvitationsHandler implements IQueryHandler<ListInvitations> {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
    private readonly views: InvitationViews,
    private readonly roles: Roles,
    private readonly clock: Clock,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  async execute({ actor, kind, scope: ref, dto, countUpTo }: ListInvitations): Promise<CountedPage<InvitationView>> {
    const { scope, scopeIds, sight, show } = await this.authorise(actor, kind, ref, dto);
    const sorting = new Sorting(dto.sort, COLUMNS, sql`invitation.id`);
    // Cursors hold the ids that the reader sees, so that they reveal no stored id.
    const [shownId, storedId] = this.pseudonyms.forCursors(sight);
    const after = sorting.after(dto.cursor, storedId);
    const filter = this.policies.of(kind).filter(dto);
    const byPerson = filter.q !== undefined || dto.sort.endsWith('email');
    const rows: RowsOfScopes = {
      table: 'invitation',
      scopeColumn: 'scope_id',
      scopeIds,
      where: [sql<boolean>`kind = ${kind}`, ...(await this.conditions(filter, scope))],
      join:
        byPerson || filter.mail
          ? sql`${byPerson ? WITH_PEOPLE : sql``} ${filter.mail ? WITH_FAILED_MAIL : sql``}`
          : undefined,
    };
    const { items, ...page } = await pageOfScopes<InvitationRow, SortName>(this.database, rows, sorting, {
      limit: dto.limit,
      after,
      total: dto.total,
      countUpTo,
      shownId,
    });
    return { items: await show(items), ...page };
  }

  /** Authorises the call, for one scope or for an organisation with its deployments. */
  private async authorise(
    actor: string,
    kind: string,
    ref: ScopeRef,
    dto: ListInvitations['dto'],
  ): Promise<Authorised> {
    const policy = this.policies.of(kind);
    if (dto.within === undefined) {
      const seen = await policy.authoriseList(actor, ref, dto);
      const { scope, sight } = seen;
      return { scope, scopeIds: [scope.id], sight, show: async (rows) => this.views.of(actor, rows, seen) };
    }
    const { scope, scopeIds, seenIn } = await policy.authoriseListWithin(actor, ref.id);
    return {
      scope,
      scopeIds,
      sight: seenIn(scope).sight,
      show: async (rows) => this.views.ofScopes(actor, rows, seenIn),
    };
  }

  private async conditions(
    { state, role, q }: InvitationFilter,
    { organisation }: Scope,
  ): Promise<RawBuilder<boolean>[]> {
    const now = this.clock.now().toISOString();
    const where: RawBuilder<boolean>[] = [];
    if (role) {
      const ids = await this.roles.idsOf({ role, organisationId: organisation?.id ?? null });
      where.push(sql<boolean>`role in (${sql.join(ids)})`);
    }
    if (state === 'expired')
      where.push(sql<boolean>`(state = 'expired' or (state = 'pending' and expires_at <= ${now}))`);
    else if (state === 'pending') where.push(sql<boolean>`state = 'pending' and expires_at > ${now}`);
    else if (state) where.push(sql<boolean>`state = ${state}`);
    if (q) where.push(hasAddressWith(q));
    return where;
  }
}
