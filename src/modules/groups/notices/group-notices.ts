import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GroupNoticesEvent, GroupNoticesDomainEvent } from './group-notices.events.js';

/** The notices that a person switched on. All are off by default. Source: docs/domain.md §9 */
export interface Notices {
  /**
   * Whether to mail the person when somebody accepts an invitation to a group that they administer, or to any group of
   * an organisation that they own.
   */
  acceptances: boolean;
}

/** A person's choices, from their stream. */
export function noticesFrom(history: readonly StoredEvent[]): Notices {
  const chosen = history.findLast(({ type }) => type === 'GroupNoticesChosen') as GroupNoticesEvent | undefined;
  return { acceptances: chosen?.data.acceptances ?? false };
}

/** Choices that `chosen` leaves out stay the same. Returns no event when nothing differs. */
export function chooseNotices({ acceptances }: Notices, chosen: Partial<Notices>): GroupNoticesDomainEvent[] {
  const after = chosen.acceptances ?? acceptances;
  return after === acceptances ? [] : [{ type: 'GroupNoticesChosen', data: { acceptances: after } }];
}
