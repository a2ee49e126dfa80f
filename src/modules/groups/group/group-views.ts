import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { lines, uuids } from '../../../shared/database/lists.js';
import type { GroupView } from './group.dto.js';
import type { GroupRow } from './group-list.projection.js';
import { restorableUntil } from './group.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import { ADMINISTERING } from '../members/permission-set.js';

/** Groups as the API shows them. */
@Injectable()
export class GroupViews {
  constructor(private readonly database: Database) {}

  /** @param isAccountAdministrator true for a reader who is one, and so sees which groups have no administrator */
  async of(rows: readonly GroupRow[], isAccountAdministrator = false): Promise<GroupView[]> {
    const counted = await this.database
      .kysely<GroupMemberTables>()
      .selectFrom('group_member')
      .select([
        'group_id',
        sql<number>`count(*)::int`.as('members'),
        sql<number>`(count(*) filter (where permission_set = any(${lines(ADMINISTERING)})))::int`.as('administrators'),
      ])
      .where(sql<boolean>`group_id = any(${uuids(rows.map(({ id }) => id))})`)
      .where('active', '=', true)
      .groupBy('group_id')
      .execute();
    const known = new Map(counted.map((row) => [row.group_id, row]));
    return rows.map((row) => {
      const deletedAt = row.deleted_at === null ? null : new Date(row.deleted_at).toISOString();
      return {
        id: row.id,
        organisationId: row.organisation_id,
        name: row.name,
        description: row.description,
        memberCount: known.get(row.id)?.members ?? 0,
        ...(isAccountAdministrator && (known.get(row.id)?.administrators ?? 0) === 0
          ? { withoutAdministrator: true as const }
          : {}),
        createdAt: new Date(row.created_at).toISOString(),
        ...(deletedAt === null ? {} : { deletedAt, restorableUntil: restorableUntil(deletedAt) }),
      };
    });
  }
}
