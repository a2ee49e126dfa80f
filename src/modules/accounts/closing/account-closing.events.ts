import { text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Domain events of `person-<id>` about the account. Stored names are permanent. */
export interface AccountClosingDomainEvents {
  /** The closing has an id, because the rows of the account are removed elsewhere. */
  AccountClosed: { closingId: string };
}
export type AccountClosingDomainEvent = {
  [Type in keyof AccountClosingDomainEvents]: { type: Type; data: AccountClosingDomainEvents[Type] };
}[keyof AccountClosingDomainEvents];
export type AccountClosingEvent = Omit<StoredEvent, 'type' | 'data'> & AccountClosingDomainEvent;

const ACCOUNT_CLOSING_SHAPES: Shapes<AccountClosingDomainEvents> = { AccountClosed: { closingId: text } };

/** On the streams of people. */
export const ACCOUNT_CLOSING_STREAMS = {
  category: null,
  types: ACCOUNT_CLOSING_SHAPES,
} as const satisfies DeclaredStreams;
