import {
  number,
  sealed,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';

/** Domain events of `person-<id>` about the person's address. Addresses are sealed. Stored names are permanent. */
export interface AddressDomainEvents {
  /** The issue counts a person's requests from 1. Both mailed links of a change contain it. */
  AddressChangeRequested: { issue: number; expiresAt: string; locale: string; address: Sealed };
  /** When the link was used, the address was somebody else's. Nothing changed. */
  AddressChangeRefused: { issue: number };
  AddressChanged: { issue: number; from: Sealed; to: Sealed; undoUntil: string; locale: string };
  /** The change of this issue, and every change after it, is undone. The address is the one before that change. */
  AddressChangeUndone: { issue: number; address: Sealed };
}
export type AddressDomainEvent = {
  [Type in keyof AddressDomainEvents]: { type: Type; data: AddressDomainEvents[Type] };
}[keyof AddressDomainEvents];
export type AddressEvent = Omit<StoredEvent, 'type' | 'data'> & AddressDomainEvent;

const ADDRESS_SHAPES: Shapes<AddressDomainEvents> = {
  AddressChangeRequested: { issue: number, expiresAt: text, locale: text, address: sealed },
  AddressChangeRefused: { issue: number },
  AddressChanged: { issue: number, from: sealed, to: sealed, undoUntil: text, locale: text },
  AddressChangeUndone: { issue: number, address: sealed },
};

/** On the streams of people. */
export const ADDRESS_STREAMS = { category: null, types: ADDRESS_SHAPES } as const satisfies DeclaredStreams;
