import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { CHUNK } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { categoryOf } from '../../../shared/event-sourcing/stream-id.js';
import type { PickedPerson } from '../../invitations/invitations.contract.js';
import { People } from '../../people/people.contract.js';
import { staffMemberFrom, staffPeople } from '../../staff/staff.contract.js';
import { GROUP_MEMBERS } from '../members/group-member.js';

/** Whom a group's administrators may find and pick: staff and group members of the organisation, never patients. Source: docs/domain.md §9 */
@Injectable()
export class GroupNetwork {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly store: EventStore,
  ) {}

  /** Those of the people who are in an organisation's network, with their addresses; the others without. May not know yet of who came a moment ago; never counts who left. */
  async pick(personIds: readonly string[], organisationId: string): Promise<PickedPerson[]> {
    const { rows } = await sql<{ id: string; stream: string }>`
      select person_id as id, 'staff-' || id as stream from staff_member where organisation_id = ${organisationId} and active and person_id = any(${uuids(personIds)})
      union all select person_id, 'groupMember-' || id from group_member where organisation_id = ${organisationId} and active and ${isInLiveGroup()} and person_id = any(${uuids(personIds)})
    `.execute(this.database.kysely());
    const present = new Set<string>();
    for (let at = 0; at < rows.length; at += CHUNK) {
      const some = rows.slice(at, at + CHUNK);
      const histories = await this.store.readMany(some.map(({ stream }) => stream));
      for (const { id, stream } of some) if (isHeld(histories.get(stream) ?? [])) present.add(id);
    }
    const known = await this.people.getByIds([...present]);
    return personIds.map((personId) => ({ personId, address: known.get(personId)?.email ?? null }));
  }
}

/** Whether a membership stream, of the staff or of a group, shows somebody who is there now. */
function isHeld(history: readonly StoredEvent[]): boolean {
  const [first] = history;
  if (!first) return false;
  return categoryOf(first.stream) === 'staff'
    ? staffMemberFrom(history).status === 'active'
    : GROUP_MEMBERS.activeFrom(history) !== undefined;
}

/** A condition on `group_member`: whoever is in a deleted group alone is in none. */
export function isInLiveGroup(): RawBuilder<boolean> {
  return sql<boolean>`group_id in (select id from working_group where deleted_at is null)`;
}

/** A condition on `person_directory`. */
export function isInNetwork(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`person_directory.id in (${staffPeople(organisationId)}
    union select person_id from group_member where organisation_id = ${organisationId} and active and ${isInLiveGroup()})`;
}
