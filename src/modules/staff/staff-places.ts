import type { PlaceKind } from '../../shared/access/departures.js';
import type { Database } from '../../shared/database/database.js';
import { staffListProjection, type StaffTables } from './staff-list.projection.js';
import { staffMemberFrom } from './staff-roles.js';

/** Roles, as places that people hold. */
export function staffPlaces(database: Database): PlaceKind {
  return {
    ends: ['StaffMemberRemoved', 'StaffMemberLeft'],
    isRole: true,
    projection: staffListProjection.name,
    async streamsOf(personId, organisationId) {
      let query = database.kysely<StaffTables>().selectFrom('staff_member').select('id').where('person_id', '=', personId);
      if (organisationId !== null) query = query.where('organisation_id', '=', organisationId);
      return (await query.execute()).map(({ id }) => `staff-${id}`);
    },
    personIn(history) {
      const member = staffMemberFrom(history);
      return member.status === 'unknown' ? undefined : member.personId;
    },
    isHeld: (history) => staffMemberFrom(history).status === 'active',
  };
}
