import { nullable, number, text, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ExpiryWindow } from '../../invitations/invitations.domain.contract.js';

/** What happens to a link by which patients invite themselves; stream `patientLink-<id>`. Stored names are permanent. */
export interface PatientLinkFacts {
  /** `expiresAt`: ISO UTC, exclusive. `maxUses`: null for no limit. `locale`: of the mails. */
  PatientLinkCreated: {
    name: string | null;
    window: ExpiryWindow;
    expiresAt: string;
    maxUses: number | null;
    locale: string;
  };
  PatientLinkRevoked: Record<string, never>;
  /** A place is taken before the enrolment is stored, and given back when that came to nothing. */
  PatientLinkPlaceReserved: { invitationId: string };
  PatientLinkPlaceReleased: { invitationId: string };
}
export type PatientLinkFact = {
  [Type in keyof PatientLinkFacts]: { type: Type; data: PatientLinkFacts[Type] };
}[keyof PatientLinkFacts];
export type PatientLinkEvent = Omit<StoredEvent, 'type' | 'data'> & PatientLinkFact;

export const PATIENT_LINK_SHAPES: Shapes<PatientLinkFacts> = {
  PatientLinkCreated: { name: nullable(text), window: text, expiresAt: text, maxUses: nullable(number), locale: text },
  PatientLinkRevoked: {},
  PatientLinkPlaceReserved: { invitationId: text },
  PatientLinkPlaceReleased: { invitationId: text },
};
export const PATIENT_LINK_FACT_TYPES = Object.keys(PATIENT_LINK_SHAPES) as (keyof PatientLinkFacts)[];
