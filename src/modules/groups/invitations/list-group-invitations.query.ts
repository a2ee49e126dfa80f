import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page } from '../../../shared/http/lists/pagination.js';
import {
  type InvitationListDto,
  type InvitationView,
  ListInvitations,
} from '../../invitations/invitations.contract.js';
import { GroupAccess } from '../group-access.js';
import { GroupPeople } from '../members/group-people.js';

/** Invitations to a group, for its administrators and account administrators. */
export class ListGroupInvitations extends Query<Page<InvitationView>> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly dto: InvitationListDto,
  ) {
    super();
  }
}

@QueryHandler(ListGroupInvitations)
export class ListGroupInvitationsHandler implements IQueryHandler<ListGroupInvitations> {
  constructor(
    private readonly access: GroupAccess,
    private readonly people: GroupPeople,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor, groupId, dto }: ListGroupInvitations): Promise<Page<InvitationView>> {
    const seen = this.people.invitationsSeenBy(await this.access.requireAppointer(actor, groupId));
    const { state, role, q, sort, limit, cursor } = dto;
    return this.queries.execute(
      new ListInvitations(actor, 'groupMember', seen, { state, role, q }, { sort, limit, cursor }),
    );
  }
}
