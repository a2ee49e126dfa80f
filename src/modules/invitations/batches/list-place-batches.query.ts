import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { type RawBuilder, sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import { InvitationListDto } from '../manage/invitation.dto.js';
import { type Identifying, identifyingStaff } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { InvitationBatchView } from './batch.dto.js';
import { BatchViews } from './batch-views.js';

/** The calls with several recipients that invited people of one kind to one place, newest first, if the caller sees them. */
export class ListPlaceBatches extends Query<Page<InvitationBatchView>> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly scope: ScopeRef,
    readonly page: PageRequest,
    /** Only the caller's own calls that have no answer yet. */
    readonly isOwnUnfinished = false,
  ) {
    super();
  }
}

/** The calls that the caller sees, and the issuers whom they may identify. */
interface SeenBatches {
  seen: RawBuilder<boolean>;
  inviters: Identifying;
}

@QueryHandler(ListPlaceBatches)
export class ListPlaceBatchesHandler implements IQueryHandler<ListPlaceBatches> {
  constructor(
    private readonly authorization: Authorization,
    private readonly policies: InvitationPolicies,
    private readonly views: BatchViews,
  ) {}

  async execute({
    actor,
    kind,
    scope: ref,
    page,
    isOwnUnfinished,
  }: ListPlaceBatches): Promise<Page<InvitationBatchView>> {
    const { seen, inviters } = await (ref.kind === 'group'
      ? this.seenInGroup(actor, kind, ref)
      : this.seenByRole(actor, kind, ref));
    const unfinished = isOwnUnfinished ? sql`and outcomes is null and issued_by = ${actor}` : sql``;
    const which = sql<boolean>`scope_id = ${ref.id} and kind = ${kind} and recipients is not null and ${seen} ${unfinished}`;
    return this.views.page(actor, which, page, inviters);
  }

  private async seenByRole(actor: string, kind: string, ref: ScopeRef): Promise<SeenBatches> {
    const { scope, effectivePermissions } = await this.authorization.requireInsider(actor, ref);
    const organisationId = scope.organisation?.id ?? scope.id;
    const seen = await this.policies.of(kind).batchesSeen(actor, { organisationId, effectivePermissions, below: [] });
    return { seen, inviters: identifyingStaff(effectivePermissions) };
  }

  /** No role of the organisation holds in a group. Callers who may list its invitations see all of its calls. */
  private async seenInGroup(actor: string, kind: string, ref: ScopeRef): Promise<SeenBatches> {
    const { inviters } = await this.policies.of(kind).authoriseList(actor, ref, new InvitationListDto());
    return { seen: sql<boolean>`true`, inviters };
  }
}
