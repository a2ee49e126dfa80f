import {
  nullable,
  number,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/** Stored names are permanent. */
export type FailuresOf =
  /** One person, with an account or only invited. */
  | 'person'
  /** All addresses that belong to nobody. */
  | 'unknown-addresses'
  /** All people beyond those that an instance counts separately in an hour. */
  | 'further-people';

/** Domain events of `signInFailures-<id>`. Stored names are permanent. */
export interface SignInFailuresDomainEvents {
  /** How many sign-ins failed in the hour that begins then, at one instance. `personId` is null unless `of` is a person. */
  SignInsFailed: { of: FailuresOf; personId: string | null; hour: string; count: number };
}
export type SignInFailuresDomainEvent = {
  [Type in keyof SignInFailuresDomainEvents]: { type: Type; data: SignInFailuresDomainEvents[Type] };
}[keyof SignInFailuresDomainEvents];
export type SignInFailuresEvent = Omit<StoredEvent, 'type' | 'data'> & SignInFailuresDomainEvent;

const SIGN_IN_FAILURES_SHAPES: Shapes<SignInFailuresDomainEvents> = {
  SignInsFailed: { of: text, personId: nullable(text), hour: text, count: number },
};

export const SIGN_IN_FAILURES_STREAMS = {
  category: 'signInFailures',
  types: SIGN_IN_FAILURES_SHAPES,
} as const satisfies DeclaredStreams;
