import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { ownershipFrom, ownershipStream } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ACCESS_BY_PLATFORM, accessOf } from './group-file.js';
import type { FileAccessView } from './group-file.dto.js';
import { GroupFiles } from './group-files.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import { GroupMemberViews } from '../members/group-member-views.js';

/**
 * The access of every member to a file and its reason, oldest membership first, for the group's administrators.
 * `groupId` is null if the path names only the file.
 */
export class ListFileAccess extends Query<Page<FileAccessView>> {
  constructor(
    readonly actor: string,
    readonly groupId: string | null,
    readonly id: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListFileAccess)
export class ListFileAccessHandler implements IQueryHandler<ListFileAccess> {
  constructor(
    private readonly files: GroupFiles,
    private readonly database: Database,
    private readonly members: GroupMemberViews,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, groupId, id, page }: ListFileAccess): Promise<Page<FileAccessView>> {
    const after = readCursor(page.cursor, ['time', 'uuid']);
    const { file, authorization } = await this.files.open(actor, id);
    if (groupId !== null && file.groupId !== groupId) throw new RuleBroken('not-found');
    if (!authorization.permissions.administrator) throw new RuleBroken('forbidden');
    let query = this.database
      .kysely<GroupMemberTables>()
      .selectFrom('group_member')
      .selectAll()
      .where('group_id', '=', file.groupId)
      .where('active', '=', true);
    if (after) query = query.where(sql<boolean>`(since, id) > (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('since')
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.since, row.id]);
    const views = await this.members.of(items);
    const superAdmins = ownershipFrom(await this.store.read(ownershipStream(PLATFORM))).owners;
    return {
      items: views.map(({ id: memberId, since, ...view }, n) => {
        const permissionSet = items[n]?.permission_set ?? 'viewer';
        const access = superAdmins.has(view.personId)
          ? ACCESS_BY_PLATFORM
          : accessOf({ permissionSet, since }, file.exceptions[memberId]);
        return { memberId, ...view, ...access };
      }),
      nextCursor,
    };
  }
}
