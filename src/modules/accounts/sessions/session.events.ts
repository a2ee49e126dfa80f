import { text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** How a person proved who they are when the session began. */
export type SessionStart = 'password' | 'invitation';

/** Why a session ended. Stored names are permanent. */
export const SESSION_ENDS = [
  /** The person signed out there. */
  'signed-out',
  /** The same browser signed in again. */
  'replaced',
  /** The person ended it from another session. */
  'ended-elsewhere',
  'password-changed',
  'password-reset',
  /** A change of the address was undone, with a new password. */
  'address-undone',
  /** The person lost their last place, or their last role in an organisation. */
  'no-place',
  /** The person closed the account. */
  'account-closed',
  /** An administrator of the person's organisation ended it. */
  'ended-by-administrator',
  /** It was unused for too long, or as old as a session may be. */
  'expired',
  /** Its start was never answered. */
  'abandoned',
] as const;
export type SessionEnd = (typeof SESSION_ENDS)[number];

/** Domain events of `session-<id>`. Stored names are permanent. */
export interface SessionDomainEvents {
  SessionStarted: { personId: string; by: SessionStart };
  SessionEnded: { how: SessionEnd };
}
export type SessionDomainEvent = {
  [Type in keyof SessionDomainEvents]: { type: Type; data: SessionDomainEvents[Type] };
}[keyof SessionDomainEvents];
export type SessionEvent = Omit<StoredEvent, 'type' | 'data'> & SessionDomainEvent;

const SESSION_SHAPES: Shapes<SessionDomainEvents> = {
  SessionStarted: { personId: text, by: text },
  SessionEnded: { how: text },
};

export const SESSION_STREAMS = { category: 'session', types: SESSION_SHAPES } as const satisfies DeclaredStreams;
