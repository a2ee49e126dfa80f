import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import type { PickedPerson } from '../../shared/invitations/recipients.js';
import { People } from '../../shared/privacy/people.js';
import { staffPeople } from '../staff/staff.contract.js';

/** Whom a group's administrators may find and pick: staff and group members of the organisation, never patients. Source: DOMAIN §4 */
@Injectable()
export class GroupNetwork {
  constructor(
    private readonly database: Database,
    private readonly people: People,
  ) {}

  /** Those of the people who are in an organisation's network, with their addresses; the others without. May not know yet of somebody who came a moment ago. */
  async pick(personIds: readonly string[], organisationId: string): Promise<PickedPerson[]> {
    const { rows } = await sql<{ id: string }>`select id from person_directory where id = any(${uuids(personIds)}) and ${isInNetwork(organisationId)}`.execute(this.database.kysely());
    const known = await this.people.reveal(rows.map(({ id }) => id));
    return personIds.map((personId) => ({ personId, address: known.get(personId)?.email ?? null }));
  }
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
