import type { Projection } from '../../../shared/projections/projection.js';
import { enqueue } from '../../../shared/outbox/outbox.js';
import { reminderOf } from './invitation-reminder.js';
import { CHANGE, ISSUES, issueEntry } from './issue-entry.js';

/** The outbox kind of invitations. */
export const INVITATION_MAIL = 'invitation';

/**
 * An outbox projection: puts one mail for every issue into the outbox, in the batch's transaction, and a reminder for
 * every change. It has no tables, because a rebuild must not send mails again.
 */
export const invitationMailProjection: Projection = {
  name: 'invitation-mail',
  tables: [],
  handles: [...ISSUES, CHANGE],
  async apply(events, trx) {
    const issues = events.filter(({ type }) => ISSUES.includes(type));
    await enqueue(
      trx,
      issues.map((event) => ({ ...issueEntry(event, INVITATION_MAIL), recorded_at: event.recordedAt })),
    );
    const changes = events.filter(({ type }) => type === CHANGE);
    await enqueue(
      trx,
      changes.flatMap((event) => reminderOf(event) ?? []),
    );
  },
};
