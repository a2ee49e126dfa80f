import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../../../shared/database/database.js';
import type { StaffMemberView } from './staff.dto.js';
import type { StaffTables } from './staff-list.projection.js';
import { StaffViews } from './staff-views.js';

/** A person's staff memberships, oldest first. */
export class ListOwnMemberships extends Query<StaffMemberView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListOwnMemberships)
export class ListOwnMembershipsHandler implements IQueryHandler<ListOwnMemberships> {
  constructor(
    private readonly database: Database,
    private readonly views: StaffViews,
  ) {}

  async execute({ actor }: ListOwnMemberships): Promise<StaffMemberView[]> {
    const rows = await this.database
      .kysely<StaffTables>()
      .selectFrom('staff_member')
      .selectAll()
      .where('person_id', '=', actor)
      .where('active', '=', true)
      .orderBy('since')
      .execute();
    return this.views.of(rows);
  }
}
