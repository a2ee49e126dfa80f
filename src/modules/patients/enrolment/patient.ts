import type { Sealed } from '../../../shared/crypto/sealing.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { PatientEvent, PatientDomainEvent } from './patient.events.js';

interface Enrolled {
  personId: string;
  /** ISO UTC. */
  since: string;
}

export type Patient =
  | { status: 'unknown' }
  | ({ status: 'active' } & Enrolled)
  /** `reason` was sealed for the event that says so. */
  | ({ status: 'offboarded'; at: string; reason: Sealed; eventId: string } & Enrolled)
  | ({ status: 'removed' | 'left' } & Enrolled);

/** One who is or was enrolled and still counts: inviting them again is no use. */
export type EnrolledPatient = Extract<Patient, { status: 'active' | 'offboarded' }>;

export const UNKNOWN_PATIENT: Patient = { status: 'unknown' };

export function evolvePatient(state: Patient, event: PatientEvent): Patient {
  if (event.type === 'InvitationAccepted')
    return { status: 'active', personId: event.data.personId, since: event.recordedAt };
  if (state.status === 'unknown') return state;
  const { personId, since } = state;
  switch (event.type) {
    case 'PatientOffboarded':
      return {
        status: 'offboarded',
        personId,
        since,
        at: event.recordedAt,
        reason: event.data.reason,
        eventId: event.id,
      };
    case 'PatientReactivated':
      return { status: 'active', personId, since };
    case 'PatientRemoved':
      return { status: 'removed', personId, since };
    case 'PatientLeft':
      return { status: 'left', personId, since };
  }
}

/** Ends the programme for a patient, who stays known; quiet for one who is offboarded. @throws RuleBroken `not-found` for who is no patient */
export function offboard(patient: Patient, reason: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'offboarded' ? [] : [{ type: 'PatientOffboarded', data: { reason } }];
}

/** Takes a patient back; quiet for one who is active. @throws RuleBroken `not-found` for who is no patient */
export function reactivate(patient: Patient, reason?: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'active'
    ? []
    : [{ type: 'PatientReactivated', data: reason ? { reason } : {} }];
}

/** Ends an enrolment, by somebody else or by the patient: they may be invited anew. @throws RuleBroken `not-found` for who is no patient; `offboarded` for one who would undo that by leaving */
export function endEnrolment(patient: Patient, by: 'removed' | 'left', reason?: Sealed): PatientDomainEvent[] {
  const { status } = mustBeEnrolled(patient);
  if (status === 'offboarded' && by === 'left') throw new RuleBroken('offboarded');
  return [{ type: by === 'left' ? 'PatientLeft' : 'PatientRemoved', data: reason ? { reason } : {} }];
}

export function isEnrolled(patient: Patient): patient is EnrolledPatient {
  return patient.status === 'active' || patient.status === 'offboarded';
}

/** @throws RuleBroken `not-found` */
export function mustBeEnrolled(patient: Patient): EnrolledPatient {
  if (!isEnrolled(patient)) throw new RuleBroken('not-found');
  return patient;
}
