import { type PlaceKind, placeStreams } from '../../access/access.contract.js';
import type { Database } from '../../../shared/database/database.js';
import { patientListProjection } from './patient-list.projection.js';
import { patientFrom } from '../patient-streams.js';

/** Enrolments, as places that people hold. An offboarded patient still holds theirs. */
export function patientPlaces(database: Database): PlaceKind {
  return {
    ends: ['PatientRemoved', 'PatientLeft'],
    isRole: false,
    projection: patientListProjection.name,
    streamsOf: placeStreams(database, 'patient', 'patient'),
    personIn(history) {
      const patient = patientFrom(history);
      return patient.status === 'unknown' ? undefined : patient.personId;
    },
    isHeld: (history) => ['active', 'offboarded'].includes(patientFrom(history).status),
  };
}
