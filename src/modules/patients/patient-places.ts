import type { PlaceKind } from '../../shared/access/departures.js';
import type { Database } from '../../shared/database/database.js';
import { patientListProjection, type PatientTables } from './patient-list.projection.js';
import { patientFrom } from './patient-streams.js';

/** Enrolments, as places that people hold; who was offboarded is still known there. */
export function patientPlaces(database: Database): PlaceKind {
  return {
    ends: ['PatientRemoved', 'PatientLeft'],
    isRole: false,
    projection: patientListProjection.name,
    async streamsOf(personId, organisationId) {
      let query = database.kysely<PatientTables>().selectFrom('patient').select('id').where('person_id', '=', personId);
      if (organisationId !== null) query = query.where('organisation_id', '=', organisationId);
      return (await query.execute()).map(({ id }) => `patient-${id}`);
    },
    personIn(history) {
      const patient = patientFrom(history);
      return patient.status === 'unknown' ? undefined : patient.personId;
    },
    isHeld: (history) => ['active', 'offboarded'].includes(patientFrom(history).status),
  };
}
