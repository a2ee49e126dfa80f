import type { StoredEvent } from '../../shared/event-store/event-store.js';
import type { ExpiryWindow } from '../../shared/invitations/expiry-windows.js';

/** What happens to a link by which patients invite themselves; stream `patientLink-<id>`. Stored names are permanent. */
export interface PatientLinkFacts {
  /** `expiresAt`: ISO UTC, exclusive. `maxUses`: null for no limit. `locale`: of the mails. */
  PatientLinkCreated: { name: string | null; window: ExpiryWindow; expiresAt: string; maxUses: number | null; locale: string };
  PatientLinkRevoked: Record<string, never>;
  /** A place is taken before the enrolment is stored, and given back when that came to nothing. */
  PatientLinkPlaceReserved: { invitationId: string };
  PatientLinkPlaceReleased: { invitationId: string };
}
export type PatientLinkFact = { [Type in keyof PatientLinkFacts]: { type: Type; data: PatientLinkFacts[Type] } }[keyof PatientLinkFacts];
export type PatientLinkEvent = Omit<StoredEvent, 'type' | 'data'> & PatientLinkFact;

const TYPES: Record<keyof PatientLinkFacts, true> = {
  PatientLinkCreated: true,
  PatientLinkRevoked: true,
  PatientLinkPlaceReserved: true,
  PatientLinkPlaceReleased: true,
};
export const PATIENT_LINK_FACT_TYPES = Object.keys(TYPES) as (keyof PatientLinkFacts)[];
