import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { enqueue, type NewEntry, type OutboxEntry } from '../../../shared/outbox/outbox.js';
import { reminderAt, type ExpiryWindow } from '../domain/expiry-windows.js';

/** The outbox kinds of invitations and reminders. */
export const INVITATION_MAIL = 'invitation';
export const REMINDER_MAIL = 'reminder';

/**
 * An outbox projection: puts one mail for every issue into the outbox, in the batch's transaction. It has no tables,
 * because a rebuild must not send again.
 */
export const invitationMailProjection: Projection = {
  name: 'invitation-mail',
  tables: [],
  handles: ['InvitationIssued', 'InvitationReissued'],
  async apply(events, trx) {
    await enqueue(
      trx,
      events.map((event) => ({ ...entry(event, INVITATION_MAIL), recorded_at: event.recordedAt })),
    );
  },
};

/** The reminder of an issue, which follows its mail; none for a window that is too short. */
export function reminderOf(issued: StoredEvent): NewEntry | undefined {
  const due = reminderAt(requireText(issued.data, 'window') as ExpiryWindow, requireText(issued.data, 'expiresAt'));
  return due === null ? undefined : { ...entry(issued, REMINDER_MAIL), due_at: due };
}

function entry(event: StoredEvent, kind: string): OutboxEntry {
  return {
    key: deterministicId(event.id, kind),
    kind,
    stream: event.stream,
    invitation_id: requireText(event.data, 'invitationId'),
    issue: Number(event.data['issue']),
  };
}
