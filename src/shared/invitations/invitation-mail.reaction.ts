import { deterministicId } from '../event-store/deterministic-id.js';
import { textIn, type StoredEvent } from '../event-store/event-store.js';
import type { Projection } from '../projections/projection.js';
import { enqueue } from '../reactions/outbox.js';
import { reminderAt, type ExpiryWindow } from './expiry-windows.js';

/** Kinds of the outbox entries. */
export const INVITATION_MAIL = 'invitation';
export const REMINDER_MAIL = 'reminder';

/**
 * Puts a mail into the outbox for every issue, and its reminder, to become due later: in the batch's transaction, so that
 * there is one of each, whatever happens. No tables: a rebuild must not send again.
 */
export const invitationMailReaction: Projection = {
  name: 'invitation-mail',
  tables: [],
  handles: ['InvitationIssued', 'InvitationReissued'],
  async apply(events, trx) {
    await enqueue(trx, events.flatMap((event) => [entry(event, INVITATION_MAIL, event.recordedAt), ...reminder(event)]));
  },
};

function reminder(event: StoredEvent): ReturnType<typeof entry>[] {
  const due = reminderAt(textIn(event.data, 'window') as ExpiryWindow, textIn(event.data, 'expiresAt'));
  return due === null ? [] : [entry(event, REMINDER_MAIL, due)];
}

function entry(event: StoredEvent, kind: string, due_at: string) {
  return {
    key: deterministicId(event.id, kind),
    kind,
    stream: event.stream,
    invitation_id: textIn(event.data, 'invitationId'),
    issue: Number(event.data['issue']),
    due_at,
  };
}
