import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import type { GroupView } from './group.dto.js';
import type { GroupRow } from './group-list.projection.js';
import { restorableUntil } from './group.js';
import type { GroupMemberTables } from './group-member-list.projection.js';

/** Groups as the API shows them. */
@Injectable()
export class GroupViews {
  constructor(private readonly database: Database) {}

  async of(rows: readonly GroupRow[]): Promise<GroupView[]> {
    const counted = await this.database.kysely<GroupMemberTables>().selectFrom('group_member')
      .select(['group_id', sql<number>`count(*)::int`.as('members')])
      .where(sql<boolean>`group_id = any(${uuids(rows.map(({ id }) => id))})`)
      .where('active', '=', true)
      .groupBy('group_id')
      .execute();
    const members = new Map(counted.map((row) => [row.group_id, row.members]));
    return rows.map((row) => {
      const deletedAt = row.deleted_at === null ? null : new Date(row.deleted_at).toISOString();
      return {
        id: row.id,
        organisationId: row.organisation_id,
        name: row.name,
        description: row.description,
        memberCount: members.get(row.id) ?? 0,
        createdAt: new Date(row.created_at).toISOString(),
        ...(deletedAt === null ? {} : { deletedAt, restorableUntil: restorableUntil(deletedAt) }),
      };
    });
  }
}
