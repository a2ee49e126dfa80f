import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { RoleAssignments } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import { identifyingStaff } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { InvitationBatchView } from './batch.dto.js';
import { BatchViews } from './batch-views.js';
import type { InvitationBatchRow } from './invitation-batch-list.projection.js';

/** The invitation calls in an organisation and below it that the caller may see, newest first. */
export class ListInvitationBatches extends Query<Page<InvitationBatchView>> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListInvitationBatches)
export class ListInvitationBatchesHandler implements IQueryHandler<ListInvitationBatches> {
  constructor(
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
    private readonly views: BatchViews,
  ) {}

  async execute({ actor, organisationId: id, page }: ListInvitationBatches): Promise<Page<InvitationBatchView>> {
    const { effectivePermissions } = await this.authorization.requireInsider(actor, { kind: 'organisation', id });
    const after = readCursor(page.cursor, ['time', 'uuid']);
    const held = { organisationId: id, effectivePermissions, below: await this.roleAssignments.within(actor, id) };
    const seen = await Promise.all(
      this.policies.all.map(
        async (policy) => sql<boolean>`(kind = ${policy.kind} and ${await policy.batchesSeen(actor, held)})`,
      ),
    );
    const following = after ? sql`and (at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
    const { rows } = await sql<InvitationBatchRow & { sort_key: string }>`
      select *, at::text as sort_key from invitation_batch
      where organisation_id = ${id} and (${sql.join(seen, sql` or `)}) ${following}
      order by at desc, id desc limit ${page.limit + 1}`.execute(this.database.kysely());
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.sort_key, row.id]);
    const inviters = identifyingStaff(effectivePermissions);
    return { items: await this.views.of(actor, items, () => inviters), nextCursor };
  }
}
