import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { ownershipFrom, ownershipStream } from '../../access/access.contract.js';
import { PLATFORM } from '../../../shared/event-sourcing/scope-ref.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GroupAccess } from '../group-access.js';
import { ACCESS_BY_PLATFORM, accessOf } from './group-file.js';
import type { FileAccessView, GroupFileView } from './group-file.dto.js';
import { groupFileRow, type GroupFileTables } from './group-file-list.projection.js';
import { GroupFiles } from './group-files.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import { GroupMemberViews, shownFrom } from '../members/group-member-views.js';

/** A group's files by name, for its members. */
export class ListGroupFiles extends Query<Page<GroupFileView>> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListGroupFiles)
export class ListGroupFilesHandler implements IQueryHandler<ListGroupFiles> {
  constructor(
    private readonly access: GroupAccess,
    private readonly database: Database,
    private readonly files: GroupFiles,
  ) {}

  async execute({ actor, groupId, page }: ListGroupFiles): Promise<Page<GroupFileView>> {
    const after = readCursor(page.cursor, ['text', 'uuid']);
    const standing = await this.access.asMember(actor, groupId);
    let query = this.database
      .kysely<GroupFileTables>()
      .selectFrom('group_file')
      .selectAll()
      .where('group_id', '=', groupId)
      .where('removed', '=', false);
    if (after) query = query.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('name')
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.name, row.id]);
    return { items: await this.files.views(actor, standing, items), nextCursor };
  }
}

/** One file, as its stream has it, for the group's members. */
export class GetGroupFile extends Query<GroupFileView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetGroupFile)
export class GetGroupFileHandler implements IQueryHandler<GetGroupFile> {
  constructor(private readonly files: GroupFiles) {}

  async execute({ actor, id }: GetGroupFile): Promise<GroupFileView> {
    const { file, standing } = await this.files.open(actor, id);
    const [view] = await this.files.views(actor, standing, [groupFileRow(id, file)]);
    if (!view) throw new TypeError('one row, one view');
    return view;
  }
}

/** What every member may do with a file and why, longest there first, for the group's administrators. `groupId`: null where the address names the file alone. */
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
    const { file, standing } = await this.files.open(actor, id);
    if (groupId !== null && file.groupId !== groupId) throw new RuleBroken('not-found');
    if (!standing.permissions.administrator) throw new RuleBroken('forbidden');
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
    const views = await this.members.of(items.map(shownFrom));
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
