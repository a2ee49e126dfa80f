import {
  nullable,
  number,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ExpiryWindow } from '../../invitations/invitations.domain.contract.js';

/** The domain events of a patient link, on the stream `patientLink-<id>`. Stored names are permanent. */
export interface PatientLinkDomainEvents {
  /** `expiresAt`: ISO UTC, exclusive. `maxUses`: null for no limit. `locale`: the language of the mails. */
  PatientLinkCreated: {
    name: string | null;
    window: ExpiryWindow;
    expiresAt: string;
    maxUses: number | null;
    locale: string;
  };
  PatientLinkRevoked: Record<string, never>;
  /** Acceptances reserve a use before the enrolment is stored. The use is released if the enrolment fails. */
  PatientLinkPlaceReserved: { invitationId: string };
  PatientLinkPlaceReleased: { invitationId: string };
}
export type PatientLinkDomainEvent = {
  [Type in keyof PatientLinkDomainEvents]: { type: Type; data: PatientLinkDomainEvents[Type] };
}[keyof PatientLinkDomainEvents];
export type PatientLinkEvent = Omit<StoredEvent, 'type' | 'data'> & PatientLinkDomainEvent;

const PATIENT_LINK_SHAPES: Shapes<PatientLinkDomainEvents> = {
  PatientLinkCreated: { name: nullable(text), window: text, expiresAt: text, maxUses: nullable(number), locale: text },
  PatientLinkRevoked: {},
  PatientLinkPlaceReserved: { invitationId: text },
  PatientLinkPlaceReleased: { invitationId: text },
};
export const PATIENT_LINK_EVENT_TYPES = Object.keys(PATIENT_LINK_SHAPES) as (keyof PatientLinkDomainEvents)[];

export const PATIENT_LINK_STREAMS = {
  category: 'patientLink',
  types: PATIENT_LINK_SHAPES,
} as const satisfies DeclaredStreams;
