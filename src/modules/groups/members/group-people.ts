import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import type { Identifying, SeenPlace } from '../../invitations/invitations.contract.js';
import type { GroupAuthorization } from '../group-access.js';
import type { GroupMemberTables } from './group-member-list.projection.js';

/**
 * Says whom a reader of a group may identify: its present members, and with `staff.view` all people. The reader sees
 * others by name alone.
 */
@Injectable()
export class GroupPeople {
  constructor(private readonly database: Database) {}

  /** How callers who may see the group's invitations see them. */
  invitationsSeenBy(authorization: GroupAuthorization): SeenPlace {
    return {
      scope: authorization.scope,
      sight: { identifies: true, view: authorization.scope.id },
      inviters: this.identifiedBy(authorization),
    };
  }

  /** Ids of the organisation's groups of which the person is a member. May lag. */
  async groupsOf(personId: string, organisationId: string): Promise<string[]> {
    const rows = await this.database
      .kysely<GroupMemberTables>()
      .selectFrom('group_member')
      .select('group_id')
      .where('person_id', '=', personId)
      .where('organisation_id', '=', organisationId)
      .where('active', '=', true)
      .execute();
    return rows.map(({ group_id: id }) => id);
  }

  identifiedBy({ scope, seesStaff }: GroupAuthorization): Identifying {
    return async (personIds) => {
      if (seesStaff) return new Set(personIds);
      const rows = await this.database
        .kysely<GroupMemberTables>()
        .selectFrom('group_member')
        .select('person_id')
        .where('group_id', '=', scope.id)
        .where('active', '=', true)
        .where(sql<boolean>`person_id = any(${uuids(new Set(personIds))})`)
        .execute();
      return new Set(rows.map(({ person_id: personId }) => personId));
    };
  }
}
