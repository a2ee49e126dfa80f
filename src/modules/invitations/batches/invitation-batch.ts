import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import {
  isInvitationBatchEvent,
  type InvitationBatchDomainEvent,
  type InvitationBatchDomainEvents,
  type InvitationBatchEvent,
} from './invitation-batch.events.js';

/** A call with several recipients, from its start until its answer is known. */
export type InvitationBatch = 'unknown' | 'started' | 'finished';

export function evolveInvitationBatch(_state: InvitationBatch, event: InvitationBatchEvent): InvitationBatch {
  return event.type === 'InvitationBatchStarted' ? 'started' : 'finished';
}

/** The call that a batch's stream shows. */
export function invitationBatchFrom(history: readonly StoredEvent[]): InvitationBatch {
  return history.filter(isInvitationBatchEvent).reduce(evolveInvitationBatch, 'unknown');
}

/** Records that the call begins. Happens once. */
export function startBatch(
  batch: InvitationBatch,
  data: InvitationBatchDomainEvents['InvitationBatchStarted'],
): InvitationBatchDomainEvent[] {
  return batch === 'unknown' ? [{ type: 'InvitationBatchStarted', data }] : [];
}

/** Records the outcomes of a call that began. Happens once. */
export function finishBatch(
  batch: InvitationBatch,
  data: InvitationBatchDomainEvents['InvitationBatchFinished'],
): InvitationBatchDomainEvent[] {
  return batch === 'started' ? [{ type: 'InvitationBatchFinished', data }] : [];
}
