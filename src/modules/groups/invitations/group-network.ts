import { TUNING } from '../../../shared/batching/tuning.js';
import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { PickedPerson } from '../../invitations/invitations.contract.js';
import { People } from '../../people/people.contract.js';
import { staffMemberFrom, staffPeople } from '../../staff/staff.contract.js';
import { GROUP_MEMBERS } from '../members/group-member.js';

/**
 * The people whom a group's administrators may find and pick: the organisation's staff and group members, never
 * patients. Source: docs/domain.md §9
 */
@Injectable()
export class GroupNetwork {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly store: EventStore,
  ) {}

  /**
   * The people, with an address for each who is in the organisation's network. May miss one who joined a moment ago.
   * Never finds one who left.
   */
  async pick(personIds: readonly string[], organisationId: string): Promise<PickedPerson[]> {
    const { rows } = await sql<{ id: string; stream: string }>`
      select person_id as id, 'staff-' || id as stream from staff_member where organisation_id = ${organisationId} and active and person_id = any(${uuids(personIds)})
      union all select person_id, 'groupMember-' || id from group_member where organisation_id = ${organisationId} and active and ${isInLiveGroup()} and person_id = any(${uuids(personIds)})
    `.execute(this.database.kysely());
    const present = new Set<string>();
    for (let at = 0; at < rows.length; at += TUNING.decisionsPerChunk.value) {
      const some = rows.slice(at, at + TUNING.decisionsPerChunk.value);
      const histories = await this.store.readMany(some.map(({ stream }) => stream));
      for (const { id, stream } of some) if (isHeld(histories.get(stream) ?? [])) present.add(id);
    }
    const known = await this.people.getByIds([...present]);
    return personIds.map((personId) => ({ personId, address: known.get(personId)?.email ?? null }));
  }
}

/** Whether a membership stream, of the staff or of a group, shows a present member. */
function isHeld(history: readonly StoredEvent[]): boolean {
  const [first] = history;
  if (!first) return false;
  return StreamId.parse(first.stream).category === 'staff'
    ? staffMemberFrom(history).status === 'active'
    : GROUP_MEMBERS.activeFrom(history) !== undefined;
}

/** A condition on `group_member`, because a membership of a deleted group doesn't count. */
export function isInLiveGroup(): RawBuilder<boolean> {
  return sql<boolean>`group_id in (select id from working_group where deleted_at is null)`;
}

/** A condition on `person_directory`. */
export function isInNetwork(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`person_directory.id in (${staffPeople(organisationId)}
    union select person_id from group_member where organisation_id = ${organisationId} and active and ${isInLiveGroup()})`;
}
