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
  /** `reason` was sealed for the event of id `eventId`. */
  | ({ status: 'offboarded'; at: string; reason: Sealed; eventId: string } & Enrolled)
  | ({ status: 'removed' | 'left' } & Enrolled);

/** A person who is enrolled or was offboarded. They can't be invited again. */
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

/**
 * Ends the programme for a patient, who stays known. Idempotent.
 * @throws RuleBroken `not-found` when there is no patient
 */
export function offboard(patient: Patient, reason: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'offboarded' ? [] : [{ type: 'PatientOffboarded', data: { reason } }];
}

/** Reactivates an offboarded patient. Idempotent. @throws RuleBroken `not-found` when there is no patient */
export function reactivate(patient: Patient, reason?: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'active'
    ? []
    : [{ type: 'PatientReactivated', data: reason ? { reason } : {} }];
}

/**
 * Ends an enrolment, by somebody else or by the patient, who may be invited again.
 * @throws RuleBroken `not-found` when there is no patient; `offboarded` for a patient who would undo that by leaving
 */
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
