import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GroupNoticesEvent, GroupNoticesDomainEvent } from './group-notices.events.js';

/** Which notices by mail somebody switched on: none unless they chose. Source: docs/domain.md §9 */
export interface Notices {
  /** When somebody accepts an invitation to a group that they administer, or to any group of an organisation that they own. */
  acceptances: boolean;
}

/** What somebody chose, as their stream has it. */
export function noticesFrom(history: readonly StoredEvent[]): Notices {
  const chosen = history.findLast(({ type }) => type === 'GroupNoticesChosen') as GroupNoticesEvent | undefined;
  return { acceptances: chosen?.data.acceptances ?? false };
}

/** What isn't named stays; quiet when it is so already. */
export function chooseNotices({ acceptances }: Notices, chosen: Partial<Notices>): GroupNoticesDomainEvent[] {
  const after = chosen.acceptances ?? acceptances;
  return after === acceptances ? [] : [{ type: 'GroupNoticesChosen', data: { acceptances: after } }];
}
