import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { enqueue, type OutboxEntry } from '../../../shared/outbox/outbox.js';

/** The outbox kind of invitations. */
export const INVITATION_MAIL = 'invitation';

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
      events.map((event) => ({ ...issueEntry(event, INVITATION_MAIL), recorded_at: event.recordedAt })),
    );
  },
};

/** The outbox entry of a mail about one issue. */
export function issueEntry(event: StoredEvent, kind: string): OutboxEntry {
  return {
    key: deterministicId(event.id, kind),
    kind,
    stream: event.stream,
    invitation_id: requireText(event.data, 'invitationId'),
    issue: Number(event.data['issue']),
  };
}
