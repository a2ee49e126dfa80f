import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { NewEntry } from '../../../shared/outbox/outbox.js';
import { reminderAt, type ExpiryWindow } from '../domain/expiry-windows.js';
import { invitationMailProjection, issueEntry } from './invitation-mail.projection.js';

/** The outbox kind of reminders. */
export const REMINDER_MAIL = 'reminder';

/** The reminder of the newest issue. */
export function reminderAfter(history: readonly StoredEvent[]): NewEntry | undefined {
  const issue = history.findLast(({ type }) => invitationMailProjection.handles.includes(type));
  return issue && reminderOf(issue);
}

/** The reminder of an issue, which follows its mail; none for a window that is too short. */
export function reminderOf(issued: StoredEvent): NewEntry | undefined {
  const due = reminderAt(requireText(issued.data, 'window') as ExpiryWindow, requireText(issued.data, 'expiresAt'));
  return due === null ? undefined : { ...issueEntry(issued, REMINDER_MAIL), due_at: due };
}
