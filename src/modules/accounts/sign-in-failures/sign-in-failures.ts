import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type {
  SignInFailuresDomainEvent,
  SignInFailuresEvent,
  SignInFailuresDomainEvents,
} from './sign-in-failures.events.js';

export type HourOfFailures = SignInFailuresDomainEvents['SignInsFailed'];

/** What the stream of one hour says. */
export interface SignInFailuresState {
  /** Null: nothing is recorded yet. */
  recorded: HourOfFailures | null;
}

const NOTHING_RECORDED: SignInFailuresState = { recorded: null };

/** The stream of one hour of a person, or of many together, at one instance. It holds one event. */
export function signInFailuresStream({ of, personId, hour }: HourOfFailures, instance: string): string {
  return StreamId.of('signInFailures', deterministicId(personId ?? of, hour, instance));
}

export function evolveSignInFailures(_state: SignInFailuresState, { data }: SignInFailuresEvent): SignInFailuresState {
  return { recorded: data };
}

export function signInFailuresFrom(history: readonly StoredEvent[]): SignInFailuresState {
  return (history as readonly SignInFailuresEvent[]).reduce(evolveSignInFailures, NOTHING_RECORDED);
}

/** Nothing on a repeat, because an instance records an hour once. */
export function recordFailures({ recorded }: SignInFailuresState, data: HourOfFailures): SignInFailuresDomainEvent[] {
  return recorded === null ? [{ type: 'SignInsFailed', data }] : [];
}
