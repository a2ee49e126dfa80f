import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Access } from '../../shared/access/access.js';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import { Database } from '../../shared/database/database.js';
import { pageOf, readCursor, type Page } from '../../shared/http/pagination.js';
import type { PersonDirectoryTables } from '../../shared/privacy/person-directory.js';
import type { StaffListDto, StaffMemberView } from './staff.dto.js';
import type { StaffTables } from './staff-list.projection.js';
import { StaffViews } from './staff-views.js';

/** The members of one scope, longest there first. */
export class ListStaff extends Query<Page<StaffMemberView>> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly dto: StaffListDto,
  ) {
    super();
  }
}

@QueryHandler(ListStaff)
export class ListStaffHandler implements IQueryHandler<ListStaff> {
  constructor(
    private readonly access: Access,
    private readonly database: Database,
    private readonly views: StaffViews,
  ) {}

  async execute({ actor, scope, dto }: ListStaff): Promise<Page<StaffMemberView>> {
    const after = readCursor(dto.cursor, ['time', 'uuid']);
    await this.access.toRead(actor, 'staff.view', scope);
    let query = this.database
      .kysely<StaffTables & PersonDirectoryTables>()
      .selectFrom('staff_member')
      .selectAll('staff_member')
      .where('scope_id', '=', scope.id)
      .where('active', '=', true);
    if (dto.role) query = query.where('role', '=', dto.role);
    if (dto.q) {
      const text = dto.q.trim().toLowerCase();
      query = query
        .innerJoin('person_directory', 'person_directory.id', 'staff_member.person_id')
        .where(sql<boolean>`strpos(lower(concat_ws(' ', person_directory.name, person_directory.email)), ${text}) > 0`);
    }
    if (after) query = query.where(sql<boolean>`(staff_member.since, staff_member.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query.orderBy('staff_member.since').orderBy('staff_member.id').limit(dto.limit + 1).execute();
    const { items, nextCursor } = pageOf(rows, dto.limit, (row) => [row.since, row.id]);
    return { items: await this.views.of(items), nextCursor };
  }
}
