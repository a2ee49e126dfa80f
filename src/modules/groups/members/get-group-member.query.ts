import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { scopeOf } from '../../access/access.domain.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupAccess } from '../group-access.js';
import { GROUP_MEMBERS } from './group-member.js';
import type { GroupMemberView } from './group-member.dto.js';
import { GroupMemberViews } from './group-member-views.js';

/** One present member of a group, read from their stream, for its members and account administrators. */
export class GetGroupMember extends Query<GroupMemberView> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly membershipId: string,
  ) {
    super();
  }
}

@QueryHandler(GetGroupMember)
export class GetGroupMemberHandler implements IQueryHandler<GetGroupMember> {
  constructor(
    private readonly access: GroupAccess,
    private readonly store: EventStore,
    private readonly views: GroupMemberViews,
  ) {}

  /** @throws RuleBroken `not-found` also for a member of another group */
  async execute({ actor, groupId, membershipId }: GetGroupMember): Promise<GroupMemberView> {
    await this.access.requireMemberOrOwner(actor, groupId);
    const history = await this.store.read(StreamId.of(GROUP_MEMBERS.category, membershipId));
    const [member, first] = [GROUP_MEMBERS.activeFrom(history), history[0]];
    if (!member || !first || scopeOf(first).id !== groupId) throw new RuleBroken('not-found');
    const { personId, permissionSet, since } = member;
    const [view] = await this.views.of([
      { id: membershipId, person_id: personId, permission_set: permissionSet, since },
    ]);
    if (!view) throw new TypeError('the member has no view');
    return view;
  }
}
