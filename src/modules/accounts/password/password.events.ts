import { number, text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/**
 * `changed`: by the person, who knew the old one. `reset`: by a mailed link. `operator`: by the command line.
 * `address-undone`: by the link that undoes a change of the address.
 */
export type PasswordChangeReason = 'changed' | 'reset' | 'operator' | 'address-undone';

/** Domain events of `person-<id>` about a password. Stored names are permanent. */
export interface PasswordDomainEvents {
  /** The issue counts a person's requests from 1, as a mailed link says which one it is of. */
  PasswordResetRequested: { issue: number; expiresAt: string; locale: string };
  /** The change has an id, because the password itself is stored elsewhere. */
  PasswordChanged: { how: PasswordChangeReason; changeId: string };
}
export type PasswordDomainEvent = {
  [Type in keyof PasswordDomainEvents]: { type: Type; data: PasswordDomainEvents[Type] };
}[keyof PasswordDomainEvents];
export type PasswordEvent = Omit<StoredEvent, 'type' | 'data'> & PasswordDomainEvent;

const PASSWORD_SHAPES: Shapes<PasswordDomainEvents> = {
  PasswordResetRequested: { issue: number, expiresAt: text, locale: text },
  PasswordChanged: { how: text, changeId: text },
};

/** On the streams of people. */
export const PASSWORD_STREAMS = { category: null, types: PASSWORD_SHAPES } as const satisfies DeclaredStreams;
