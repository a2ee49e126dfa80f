import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../../../shared/database/database.js';
import { permissionsOf } from '../members/group-member.js';
import type { GroupMembershipView } from '../members/group-member.dto.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import { GroupScopes } from './group-scopes.js';

/** The groups of which a person is a member, without deleted ones. */
export class ListOwnGroups extends Query<GroupMembershipView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListOwnGroups)
export class ListOwnGroupsHandler implements IQueryHandler<ListOwnGroups> {
  constructor(
    private readonly database: Database,
    private readonly groupScopes: GroupScopes,
  ) {}

  async execute({ actor }: ListOwnGroups): Promise<GroupMembershipView[]> {
    const rows = await this.database
      .kysely<GroupMemberTables>()
      .selectFrom('group_member')
      .selectAll()
      .where('person_id', '=', actor)
      .where('active', '=', true)
      .orderBy('since')
      .execute();
    const groups = await Promise.all(rows.map(async ({ group_id: id }) => this.groupScopes.loadGroup(id)));
    return rows.flatMap((row, n) => {
      const loaded = groups[n];
      if (loaded?.group.status !== 'active') return [];
      const scope = { kind: 'group' as const, id: row.group_id, name: loaded.group.name };
      return [
        {
          id: row.id,
          scope,
          organisation: loaded.scope.organisation,
          ...permissionsOf({ permissionSet: row.permission_set }),
          since: new Date(row.since).toISOString(),
        },
      ];
    });
  }
}
