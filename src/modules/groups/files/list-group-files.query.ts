import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import { GroupAccess } from '../group-access.js';
import type { GroupFileView } from './group-file.dto.js';
import { type GroupFileTables } from './group-file-list.projection.js';
import { GroupFiles } from './group-files.js';

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
    const authorization = await this.access.requireMember(actor, groupId);
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
    return { items: await this.files.views(actor, authorization, items), nextCursor };
  }
}
