import { type PlaceKind, placeStreams } from '../../access/access.contract.js';
import type { Database } from '../../../shared/database/database.js';
import { staffListProjection } from './staff-list.projection.js';
import { staffMemberFrom } from './staff-role-assignments.js';

/** Roles, as places that people hold. */
export function staffPlaces(database: Database): PlaceKind {
  return {
    ends: ['StaffMemberRemoved', 'StaffMemberLeft'],
    isRole: true,
    projection: staffListProjection.name,
    streamsOf: placeStreams(database, 'staff_member', 'staff'),
    personIn(history) {
      const member = staffMemberFrom(history);
      return member.status === 'unknown' ? undefined : member.personId;
    },
    isHeld: (history) => staffMemberFrom(history).status === 'active',
  };
}
