import { sql } from 'kysely';
import type { MembershipType } from '../../invitations/invitations.contract.js';
import { type EnrolledPatient, endEnrolment, isEnrolled, patientFrom } from './patient.js';
import type { PatientDomainEvent } from './patient.events.js';
import { patientListProjection, PatientTable } from './patient-list.projection.js';

const ENDS: readonly PatientDomainEvent['type'][] = ['PatientRemoved', 'PatientLeft'];

/**
 * The membership of patients. An offboarded patient still holds it, because staff reactivate them instead of inviting
 * them.
 */
export const PATIENT_MEMBERSHIP: MembershipType<EnrolledPatient, PatientDomainEvent> = {
  category: 'patient',
  table: PatientTable,
  projection: patientListProjection,
  scopeColumn: 'deployment_id',
  ends: ENDS,
  isRole: false,
  headcount: { counted: 'patients', status: sql`status = 'active'` },
  activeFrom(history) {
    const patient = patientFrom(history);
    return isEnrolled(patient) ? patient : undefined;
  },
  after: (patient, { type }) => (ENDS.includes(type) ? undefined : patient),
  isOwner: () => false,
  end: (patient, by, _options, reason) => endEnrolment(patient, by, reason),
};
