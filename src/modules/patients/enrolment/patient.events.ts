import { optional, sealed, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { InvitationFacts } from '../../invitations/invitations.domain.contract.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';

/** What happens to a patient; becoming one is the invitation's `InvitationAccepted`, on the same stream. Stored names are permanent. */
export interface PatientFacts {
  PatientOffboarded: { reason: Sealed };
  PatientReactivated: { reason?: Sealed };
  PatientRemoved: { reason?: Sealed };
  PatientLeft: { reason?: Sealed };
}
export type PatientFact = {
  [Type in keyof PatientFacts]: { type: Type; data: PatientFacts[Type] };
}[keyof PatientFacts];

type Accepted = { type: 'InvitationAccepted'; data: InvitationFacts['InvitationAccepted'] };
export type PatientEvent = Omit<StoredEvent, 'type' | 'data'> & (PatientFact | Accepted);

const TYPES: Record<PatientEvent['type'], true> = {
  InvitationAccepted: true,
  PatientOffboarded: true,
  PatientReactivated: true,
  PatientRemoved: true,
  PatientLeft: true,
};
export const PATIENT_FACT_TYPES = Object.keys(TYPES) as PatientEvent['type'][];

/** Picks what concerns the patient from a stream that holds invitations too. */
export function isPatientEvent(event: StoredEvent): event is StoredEvent & PatientEvent {
  return Object.hasOwn(TYPES, event.type);
}

export const PATIENT_SHAPES: Shapes<PatientFacts> = {
  PatientOffboarded: { reason: sealed },
  PatientReactivated: { reason: optional(sealed) },
  PatientRemoved: { reason: optional(sealed) },
  PatientLeft: { reason: optional(sealed) },
};
