import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { MemberListDto } from '../../access/access.contract.js';
import { namesPerson, PERSON_COLUMNS, type PersonDirectoryTables } from '../../people/people.contract.js';
import { Database } from '../../../shared/database/database.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { Sorting } from '../../../shared/http/lists/sorting.js';
import { GroupAccess } from '../group-access.js';
import type { GroupMemberView } from './group-member.dto.js';
import type { GroupMemberTables } from './group-member-list.projection.js';
import { GroupMemberViews, shownFrom } from './group-member-views.js';

const COLUMNS = {
  since: { value: sql`group_member.since`, kind: 'time' },
  ...PERSON_COLUMNS,
} as const;

/** The members of a group, for its members and account administrators. */
export class ListGroupMembers extends Query<Page<GroupMemberView>> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly dto: MemberListDto,
  ) {
    super();
  }
}

@QueryHandler(ListGroupMembers)
export class ListGroupMembersHandler implements IQueryHandler<ListGroupMembers> {
  constructor(
    private readonly access: GroupAccess,
    private readonly database: Database,
    private readonly views: GroupMemberViews,
  ) {}

  async execute({ actor, groupId, dto }: ListGroupMembers): Promise<Page<GroupMemberView>> {
    const sorting = new Sorting(dto.sort, COLUMNS, sql`group_member.id`);
    const after = sorting.after(dto.cursor);
    await this.access.requireMemberOrOwner(actor, groupId);
    let query = this.database
      .kysely<GroupMemberTables & PersonDirectoryTables>()
      .selectFrom('group_member')
      .selectAll('group_member')
      .select(sorting.key.as('sort_key'))
      .where('group_id', '=', groupId)
      .where('active', '=', true);
    if (dto.q || !dto.sort.endsWith('since'))
      query = query.leftJoin('person_directory', 'person_directory.id', 'group_member.person_id');
    if (dto.q) query = query.where(namesPerson(dto.q));
    if (after) query = query.where(after);
    const rows = await query
      .orderBy(sorting.order)
      .limit(dto.limit + 1)
      .execute();
    const { items, nextCursor } = sorting.page(rows, dto.limit);
    return { items: await this.views.of(items.map(shownFrom)), nextCursor };
  }
}
