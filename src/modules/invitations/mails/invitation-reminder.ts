import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { NewEntry } from '../../../shared/outbox/outbox.js';
import { reminderAt, type ExpiryWindow } from '../domain/expiry-windows.js';
import { CHANGE, ISSUES, issueEntry } from './issue-entry.js';

/** The outbox kind of reminders. */
export const REMINDER_MAIL = 'reminder';

/** The reminder of the newest issue, by its newest terms. */
export function reminderAfter(history: readonly StoredEvent[]): NewEntry | undefined {
  const newest = history.findLast(({ type }) => ISSUES.includes(type) || type === CHANGE);
  return newest && reminderOf(newest);
}

/** The reminder of an issue or of changed terms; none for a window that is too short. */
export function reminderOf({ data, ...event }: StoredEvent): NewEntry | undefined {
  const due = reminderAt(requireText(data, 'window') as ExpiryWindow, requireText(data, 'expiresAt'));
  return due === null ? undefined : { ...issueEntry({ data, ...event }, REMINDER_MAIL), due_at: due };
}
