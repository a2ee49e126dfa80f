import { optional, sealed, type DeclaredStreams, type Shapes } from '../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../shared/crypto/sealing.js';
import type { InvitationDomainEvents } from '../invitations/invitations.domain.contract.js';

/** The domain events of an observer, after `InvitationAccepted` on the same stream. Stored names are permanent. */
export interface ObserverDomainEvents {
  ObserverRemoved: { reason?: Sealed };
  ObserverLeft: { reason?: Sealed };
}
export type ObserverDomainEvent = {
  [Type in keyof ObserverDomainEvents]: { type: Type; data: ObserverDomainEvents[Type] };
}[keyof ObserverDomainEvents];

type Accepted = { type: 'InvitationAccepted'; data: InvitationDomainEvents['InvitationAccepted'] };
export type ObserverEvent = Omit<StoredEvent, 'type' | 'data'> & (ObserverDomainEvent | Accepted);

const SHAPES: Shapes<ObserverDomainEvents> = {
  ObserverRemoved: { reason: optional(sealed) },
  ObserverLeft: { reason: optional(sealed) },
};
export const OBSERVER_EVENT_TYPES = ['InvitationAccepted', ...Object.keys(SHAPES)];

export function isObserverEvent(event: StoredEvent): event is StoredEvent & ObserverEvent {
  return OBSERVER_EVENT_TYPES.includes(event.type);
}

export const OBSERVER_STREAMS = { category: 'observer', types: SHAPES } as const satisfies DeclaredStreams;
