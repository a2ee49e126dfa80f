import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization, Sights } from '../../access/access.contract.js';
import {
  identifyingStaff,
  type InvitationListDto,
  type InvitationView,
  ListInvitations,
} from '../../invitations/invitations.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { Page } from '../../../shared/http/lists/pagination.js';

/** Invitations to the staff of one scope, for callers who may see its staff. */
export class ListStaffInvitations extends Query<Page<InvitationView>> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly dto: InvitationListDto,
  ) {
    super();
  }
}

@QueryHandler(ListStaffInvitations)
export class ListStaffInvitationsHandler implements IQueryHandler<ListStaffInvitations> {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor, scope: ref, dto }: ListStaffInvitations): Promise<Page<InvitationView>> {
    const authorization = await this.authorization.requireRead(actor, 'staff.view', ref);
    const seen = {
      scope: authorization.scope,
      sight: await this.sights.of(actor, 'staff.view', authorization),
      inviters: identifyingStaff(authorization.effectivePermissions),
    };
    const { state, role, q, sort, limit, cursor } = dto;
    return this.queries.execute(new ListInvitations(actor, 'staff', seen, { state, role, q }, { sort, limit, cursor }));
  }
}
