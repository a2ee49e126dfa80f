import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { RoleAssignments } from '../../access/access.domain.contract.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import { identifyingStaff } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { InvitationBatchView } from './batch.dto.js';
import { BatchViews } from './batch-views.js';

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
    private readonly views: BatchViews,
  ) {}

  async execute({ actor, organisationId: id, page }: ListInvitationBatches): Promise<Page<InvitationBatchView>> {
    const { effectivePermissions } = await this.authorization.requireInsider(actor, { kind: 'organisation', id });
    const held = { organisationId: id, effectivePermissions, below: await this.roleAssignments.within(actor, id) };
    const seen = await Promise.all(
      this.policies.all.map(
        async (policy) => sql<boolean>`(kind = ${policy.kind} and ${await policy.batchesSeen(actor, held)})`,
      ),
    );
    const which = sql<boolean>`organisation_id = ${id} and (${sql.join(seen, sql` or `)})`;
    return this.views.page(actor, which, page, identifyingStaff(effectivePermissions));
  }
}
