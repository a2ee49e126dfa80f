import { Injectable } from '@nestjs/common';
import { GroupPlaces } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { GROUP_MEMBERS } from './group-member.js';
import type { GroupMemberTables } from './group-member-list.projection.js';
import { isInLiveGroup } from '../invitations/group-network.js';

/** Group memberships, read from their streams. The read model only lists candidates. */
@Injectable()
export class MembersOfGroups extends GroupPlaces {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
  ) {
    super();
  }

  override async anyWithin(
    personId: string,
    organisationId: string,
    reads: StreamSource = this.store,
  ): Promise<boolean> {
    const rows = await this.database
      .kysely<GroupMemberTables>()
      .selectFrom('group_member')
      .select('id')
      .where('person_id', '=', personId)
      .where('organisation_id', '=', organisationId)
      .where('active', '=', true)
      .where(isInLiveGroup())
      .execute();
    const histories = await reads.readMany(rows.map(({ id }) => `groupMember-${id}`));
    return [...histories.values()].some((history) => GROUP_MEMBERS.activeFrom(history) !== undefined);
  }
}
