import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Scopes } from '../../access/access.contract.js';
import { People } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import type { InvitationRow, InvitationTables } from '../manage/invitation-list.projection.js';
import { InvitationViews, type InvitationView } from '../manage/invitation-view.js';
import { messageOf, pendingOf } from '../domain/membership-stream.js';

/** An invitation as its invitee sees it. */
export interface OwnInvitationView extends InvitationView {
  kind: string;
  organisation: { id: string; name: string } | null;
  message?: string;
  /** The number of the terms, which an acceptance may name. */
  terms: number;
}

/** A person's pending invitations of every type, newest first. The list includes invitations to archived scopes. */
export class ListOwnInvitations extends Query<Page<OwnInvitationView>> {
  constructor(
    readonly actor: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListOwnInvitations)
export class ListOwnInvitationsHandler implements IQueryHandler<ListOwnInvitations> {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly scopes: Scopes,
    private readonly people: People,
    private readonly views: InvitationViews,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, page }: ListOwnInvitations): Promise<Page<OwnInvitationView>> {
    const after = readCursor(page.cursor, ['time', 'uuid']);
    let query = this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .selectAll()
      .where('person_id', '=', actor)
      .where('state', '=', 'pending')
      .where('expires_at', '>', this.clock.now().toISOString());
    if (after) query = query.where(sql<boolean>`(invited_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('invited_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.invited_at, row.id]);
    return { items: await this.waiting(actor, items), nextCursor };
  }

  /** The streams decide, so the result leaves out invitations that were answered or revoked a moment ago. */
  private async waiting(actor: string, rows: readonly InvitationRow[]): Promise<OwnInvitationView[]> {
    const [histories, scopes, people] = await Promise.all([
      this.store.readMany(rows.map(({ stream }) => stream)),
      this.scopes.loadAll(rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id }))),
      this.people.getByIds([actor]),
    ]);
    const waiting = rows.flatMap((row) => {
      const [issued, scope] = [pendingOf(histories.get(row.stream) ?? [], this.clock.now()), scopes.get(row.scope_id)];
      // Invitees see only the inviter's name, as in the mail.
      return issued?.invitationId === row.id && scope
        ? [{ row, scope, sight: { identifies: true, view: scope.id }, identifiesInviter: false, issued }]
        : [];
    });
    const views = await this.views.ofPlaced(actor, waiting);
    return waiting.flatMap(({ row, scope, issued }, n) => {
      const [view, message] = [views[n], messageOf(issued, row.stream, people.get(actor))];
      return view
        ? [
            {
              ...view,
              kind: row.kind,
              organisation: scope.organisation,
              terms: issued.terms,
              ...(message === null ? {} : { message }),
            },
          ]
        : [];
    });
  }
}
