import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import { administersAccount } from '../group-access.js';
import { ADMINISTERING } from '../members/permission-set.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import type { GroupTables } from './group-list.projection.js';

/** A page lists so many of these groups. The list of groups marks all of them. */
const MAX_LISTED = 20;

/**
 * The first of an organisation's groups that nobody administers, by name. Account administrators can appoint somebody.
 * Other people get none.
 */
export class ListGroupsWithoutAdministrator extends Query<{ id: string; name: string }[]> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
  ) {
    super();
  }
}

@QueryHandler(ListGroupsWithoutAdministrator)
export class ListGroupsWithoutAdministratorHandler implements IQueryHandler<ListGroupsWithoutAdministrator> {
  constructor(
    private readonly authorization: Authorization,
    private readonly database: Database,
  ) {}

  async execute({ actor, organisationId }: ListGroupsWithoutAdministrator): Promise<{ id: string; name: string }[]> {
    const ref = { kind: 'organisation' as const, id: organisationId };
    const { effectivePermissions } = await this.authorization.evaluate(actor, ref);
    if (!administersAccount(effectivePermissions.roles)) return [];
    const db = this.database.kysely<GroupTables & GroupMemberTables>();
    const administered = db
      .selectFrom('group_member')
      .select('group_id')
      .where('organisation_id', '=', organisationId)
      .where('active', '=', true)
      .where(sql<boolean>`permission_set = any(${lines(ADMINISTERING)})`);
    return db
      .selectFrom('working_group')
      .select(['id', 'name'])
      .where('organisation_id', '=', organisationId)
      .where('deleted_at', 'is', null)
      .where('id', 'not in', administered)
      .orderBy('name')
      .orderBy('id')
      .limit(MAX_LISTED)
      .execute();
  }
}
