import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { AccountClosingDomainEvent, AccountClosingEvent } from './account-closing.events.js';

/** The closings of a person's accounts, oldest first. A person who is invited again may make another account. */
export interface Closings {
  ids: readonly string[];
}

export const NEVER_CLOSED: Closings = { ids: [] };

export function evolveClosings({ ids }: Closings, { data }: AccountClosingEvent): Closings {
  return { ids: [...ids, data.closingId] };
}

/** The stream holds other choices of the person, too. */
export function closingsFrom(history: readonly StoredEvent[]): Closings {
  const closed: readonly StoredEvent[] = history.filter(({ type }) => type === 'AccountClosed');
  return (closed as readonly AccountClosingEvent[]).reduce(evolveClosings, NEVER_CLOSED);
}

/** Nothing on a repeat. */
export function closeAccount({ ids }: Closings, closingId: string): AccountClosingDomainEvent[] {
  return ids.includes(closingId) ? [] : [{ type: 'AccountClosed', data: { closingId } }];
}
