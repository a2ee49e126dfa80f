import { deterministicId } from '../event-store/deterministic-id.js';
import { textIn } from '../event-store/event-store.js';
import type { Projection } from '../projections/projection.js';
import { enqueue } from '../reactions/outbox.js';

/** Kind of the outbox entries. */
export const INVITATION_MAIL = 'invitation';

/** Puts a mail into the outbox for every issue, in the batch's transaction. No tables: a rebuild must not send again. */
export const invitationMailReaction: Projection = {
  name: 'invitation-mail',
  tables: [],
  handles: ['InvitationIssued', 'InvitationReissued'],
  async apply(events, trx) {
    const entries = events.map((event) => ({
      key: deterministicId(event.id, INVITATION_MAIL),
      kind: INVITATION_MAIL,
      stream: event.stream,
      invitation_id: textIn(event.data, 'invitationId'),
      issue: Number(event.data['issue']),
      due_at: event.recordedAt,
    }));
    await enqueue(trx, entries);
  },
};
