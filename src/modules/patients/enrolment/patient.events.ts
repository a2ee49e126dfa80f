import { optional, sealed, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { InvitationDomainEvents } from '../../invitations/invitations.domain.contract.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';

/** The domain events of a patient, after `InvitationAccepted` on the same stream. Stored names are permanent. */
export interface PatientDomainEvents {
  PatientOffboarded: { reason: Sealed };
  PatientReactivated: { reason?: Sealed };
  PatientRemoved: { reason?: Sealed };
  PatientLeft: { reason?: Sealed };
}
export type PatientDomainEvent = {
  [Type in keyof PatientDomainEvents]: { type: Type; data: PatientDomainEvents[Type] };
}[keyof PatientDomainEvents];

type Accepted = { type: 'InvitationAccepted'; data: InvitationDomainEvents['InvitationAccepted'] };
export type PatientEvent = Omit<StoredEvent, 'type' | 'data'> & (PatientDomainEvent | Accepted);

const TYPES: Record<PatientEvent['type'], true> = {
  InvitationAccepted: true,
  PatientOffboarded: true,
  PatientReactivated: true,
  PatientRemoved: true,
  PatientLeft: true,
};
export const PATIENT_EVENT_TYPES = Object.keys(TYPES) as PatientEvent['type'][];

/** Picks the patient's events from a stream that holds invitation events too. */
export function isPatientEvent(event: StoredEvent): event is StoredEvent & PatientEvent {
  return Object.hasOwn(TYPES, event.type);
}

const PATIENT_SHAPES: Shapes<PatientDomainEvents> = {
  PatientOffboarded: { reason: sealed },
  PatientReactivated: { reason: optional(sealed) },
  PatientRemoved: { reason: optional(sealed) },
  PatientLeft: { reason: optional(sealed) },
};

export const PATIENT_STREAMS = { category: 'patient', types: PATIENT_SHAPES } as const satisfies DeclaredStreams;
