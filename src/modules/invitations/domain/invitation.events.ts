import {
  number,
  object,
  optional,
  sealed,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { JsonObject, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import type { ExpiryWindow } from './expiry-windows.js';

/** The grant of an invitation, in the form of its type: a role, an enrolment, a permission set. */
export type Grant = JsonObject;

/**
 * The seven domain events of every type of invitation; the stream's category tells the type. Stored names are permanent.
 */
export interface InvitationDomainEvents {
  InvitationIssued: {
    invitationId: string;
    personId: string;
    /** Counts over the stream's whole life, so that a later invitation never revives an older link. */
    issue: number;
    grant: Grant;
    window: ExpiryWindow;
    /** ISO UTC, exclusive. */
    expiresAt: string;
    locale: string;
    message?: Sealed;
  };
  InvitationReissued: { invitationId: string; issue: number; window: ExpiryWindow; expiresAt: string };
  /** The terms of a pending invitation from here on: all of them, also those that stay. Its link stays the same. */
  InvitationChanged: { invitationId: string; issue: number; grant: Grant; window: ExpiryWindow; expiresAt: string };
  InvitationRevoked: { invitationId: string; reason?: Sealed };
  InvitationDeclined: { invitationId: string };
  /** `expiresAt` says when; events of older versions lack it. */
  InvitationExpired: { invitationId: string; expiresAt?: string };
  /** `name` is present when this acceptance made the account. */
  InvitationAccepted: { invitationId: string; personId: string; grant: Grant; name?: Sealed };
}
export type InvitationEventType = keyof InvitationDomainEvents;

export type InvitationDomainEvent = {
  [Type in InvitationEventType]: { type: Type; data: InvitationDomainEvents[Type] };
}[InvitationEventType];
export type InvitationEvent = Omit<StoredEvent, 'type' | 'data'> & InvitationDomainEvent;

const INVITATION_SHAPES: Shapes<InvitationDomainEvents> = {
  InvitationIssued: {
    invitationId: text,
    personId: text,
    issue: number,
    grant: object,
    window: text,
    expiresAt: text,
    locale: text,
    message: optional(sealed),
  },
  InvitationReissued: { invitationId: text, issue: number, window: text, expiresAt: text },
  InvitationChanged: { invitationId: text, issue: number, grant: object, window: text, expiresAt: text },
  InvitationRevoked: { invitationId: text, reason: optional(sealed) },
  InvitationDeclined: { invitationId: text },
  InvitationExpired: { invitationId: text, expiresAt: optional(text) },
  InvitationAccepted: { invitationId: text, personId: text, grant: object, name: optional(sealed) },
};

export const INVITATION_EVENT_TYPES = Object.keys(INVITATION_SHAPES) as InvitationEventType[];

/** Picks the invitation's events from a membership stream, which holds the module's own events too. */
export function isInvitationEvent(event: StoredEvent): event is StoredEvent & InvitationEvent {
  return Object.hasOwn(INVITATION_SHAPES, event.type);
}

/** The shapes of the events that every type of invitation stores on its streams. */
export const INVITATION_STREAMS = { category: null, types: INVITATION_SHAPES } as const satisfies DeclaredStreams;
