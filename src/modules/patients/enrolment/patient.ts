import type { Sealed } from '../../../shared/crypto/sealing.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { isPatientEvent, type PatientDomainEvent, type PatientEvent } from './patient.events.js';

interface Enrolled {
  personId: string;
  /** ISO UTC. */
  since: string;
}

export type Patient =
  | { status: 'unknown' }
  | ({ status: 'active' } & Enrolled)
  /** `reason` is sealed for the event with the id `eventId`. */
  | ({ status: 'offboarded'; at: string; reason: Sealed; eventId: string } & Enrolled)
  | ({ status: 'removed' | 'left' } & Enrolled);

/** An active or offboarded patient. Nobody can invite them again. */
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

/** The patient that a membership stream shows. */
export function patientFrom(history: readonly StoredEvent[]): Patient {
  return history.filter(isPatientEvent).reduce(evolvePatient, UNKNOWN_PATIENT);
}

/**
 * Ends the programme for a patient, who stays known. Returns no event for an offboarded one.
 * @throws RuleBroken `not-found` for a person who isn't enrolled
 */
export function offboard(patient: Patient, reason: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'offboarded' ? [] : [{ type: 'PatientOffboarded', data: { reason } }];
}

/**
 * Reactivates an offboarded patient. Returns no event for an active one.
 * @throws RuleBroken `not-found` for a person who isn't enrolled
 */
export function reactivate(patient: Patient, reason?: Sealed): PatientDomainEvent[] {
  return mustBeEnrolled(patient).status === 'active'
    ? []
    : [{ type: 'PatientReactivated', data: reason ? { reason } : {} }];
}

/**
 * Ends an enrolment: the patient leaves, or somebody else removes them. They may be invited again.
 * @throws RuleBroken `not-found` for a person who isn't enrolled; `offboarded` for an offboarded patient who leaves
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
