import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization, Roles } from '../../access/access.contract.js';
import { namesPerson, PERSON_COLUMNS, type PersonDirectoryTables } from '../../people/people.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { Sorting } from '../../../shared/http/lists/sorting.js';
import type { StaffListDto, StaffMemberView } from './staff.dto.js';
import type { StaffTables } from './staff-list.projection.js';
import { StaffViews } from './staff-views.js';

const COLUMNS = {
  since: { value: sql`staff_member.since`, kind: 'time' },
  ...PERSON_COLUMNS,
} as const;

/** The members of one scope. */
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
    private readonly authorization: Authorization,
    private readonly database: Database,
    private readonly views: StaffViews,
    private readonly roles: Roles,
  ) {}

  async execute({ actor, scope, dto }: ListStaff): Promise<Page<StaffMemberView>> {
    const sorting = new Sorting(dto.sort, COLUMNS, sql`staff_member.id`);
    const after = sorting.after(dto.cursor);
    const authorization = await this.authorization.requireRead(actor, 'staff.view', scope);
    let query = this.database
      .kysely<StaffTables & PersonDirectoryTables>()
      .selectFrom('staff_member')
      .selectAll('staff_member')
      .select(sorting.key.as('sort_key'))
      .where('scope_id', '=', scope.id)
      .where('active', '=', true);
    if (dto.role)
      query = query.where(
        'role',
        'in',
        await this.roles.idsOf({ role: dto.role, organisationId: authorization.scope.organisation?.id ?? null }),
      );
    if (dto.q || !dto.sort.endsWith('since'))
      query = query.leftJoin('person_directory', 'person_directory.id', 'staff_member.person_id');
    if (dto.q) query = query.where(namesPerson(dto.q));
    if (after) query = query.where(after);
    const rows = await query
      .orderBy(sorting.order)
      .limit(dto.limit + 1)
      .execute();
    const { items, nextCursor } = sorting.page(rows, dto.limit);
    return { items: await this.views.of(items), nextCursor };
  }
}
