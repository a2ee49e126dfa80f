import { deterministicId } from '../../../shared/event-sourcing/stream-id.js';
import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';

/** Types of the events that issue a link, each with a mail. */
export const ISSUES: readonly string[] = ['InvitationIssued', 'InvitationReissued'];

/** The event that changes the terms of an issue. Its link stays, and no mail follows it. */
export const CHANGE = 'InvitationChanged';

/** The outbox entry of a mail about one issue, because of this event. */
export function issueEntry(event: StoredEvent, kind: string): OutboxEntry {
  return {
    key: deterministicId(event.id, kind),
    kind,
    stream: event.stream,
    invitation_id: requireText(event.data, 'invitationId'),
    issue: Number(event.data['issue']),
  };
}
