import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import type { Sealed } from '../../shared/crypto/sealing.js';
import { isObserverEvent, type ObserverDomainEvent, type ObserverEvent } from './observer.events.js';

/** A guest of a deployment. `since` is ISO UTC. Source: docs/domain.md §14 */
export interface Observer {
  personId: string;
  since: string;
  /** False for a former observer. */
  active: boolean;
}

export function evolveObserver(state: Observer | undefined, event: ObserverEvent): Observer | undefined {
  if (event.type === 'InvitationAccepted')
    return { personId: event.data.personId, since: event.recordedAt, active: true };
  return state && { ...state, active: false };
}

/** The present observer that a membership stream shows. */
export function observerFrom(history: readonly StoredEvent[]): Observer | undefined {
  const observer = history.filter(isObserverEvent).reduce<Observer | undefined>(evolveObserver, undefined);
  return observer?.active ? observer : undefined;
}

/** Ends a present observer's place: they leave, or somebody else removes them. */
export function endObserving(by: 'removed' | 'left', reason?: Sealed): ObserverDomainEvent[] {
  const data = reason ? { reason } : {};
  return [by === 'left' ? { type: 'ObserverLeft', data } : { type: 'ObserverRemoved', data }];
}
