import { sealed, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';

/** Domain events of `person-<id>` about the person's name. Stored names are permanent. */
export interface NameDomainEvents {
  NameChanged: { name: Sealed };
}
export type NameDomainEvent = {
  [Type in keyof NameDomainEvents]: { type: Type; data: NameDomainEvents[Type] };
}[keyof NameDomainEvents];
export type NameEvent = Omit<StoredEvent, 'type' | 'data'> & NameDomainEvent;

const NAME_SHAPES: Shapes<NameDomainEvents> = { NameChanged: { name: sealed } };

/** On the streams of people. */
export const NAME_STREAMS = { category: null, types: NAME_SHAPES } as const satisfies DeclaredStreams;
