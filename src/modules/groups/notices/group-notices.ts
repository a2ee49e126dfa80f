import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GroupNoticesEvent, GroupNoticesDomainEvent } from './group-notices.events.js';

/** The notices by mail that a person switched on; all are off by default. Source: docs/domain.md §9 */
export interface Notices {
  /**
   * Sent when a person accepts an invitation to a group that the recipient administers, or to any group of an
   * organisation they own.
   */
  acceptances: boolean;
}

/** A person's choices, as their stream has them. */
export function noticesFrom(history: readonly StoredEvent[]): Notices {
  const chosen = history.findLast(({ type }) => type === 'GroupNoticesChosen') as GroupNoticesEvent | undefined;
  return { acceptances: chosen?.data.acceptances ?? false };
}

/** Choices that aren't named stay. Idempotent. */
export function chooseNotices({ acceptances }: Notices, chosen: Partial<Notices>): GroupNoticesDomainEvent[] {
  const after = chosen.acceptances ?? acceptances;
  return after === acceptances ? [] : [{ type: 'GroupNoticesChosen', data: { acceptances: after } }];
}
