import {
  number,
  object,
  text,
  type DeclaredStreams,
  type Shapes,
} from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { RecipientOutcome } from '../invite/recipients.js';

/**
 * The domain events of an invitation call with several recipients. A call with one recipient stores none, because its
 * invitation says everything. Stored names are permanent.
 */
export interface InvitationBatchDomainEvents {
  /** `kind` is the type of invitation, `recipients` the number of addresses and picked people. */
  InvitationBatchStarted: { kind: string; recipients: number };
  /** The outcomes that the answer counts, and the number of recipients that a call which stopped did not reach. */
  InvitationBatchFinished: { kind: string; outcomes: Partial<Record<RecipientOutcome, number>>; notReached: number };
}

export type InvitationBatchDomainEvent = {
  [Type in keyof InvitationBatchDomainEvents]: { type: Type; data: InvitationBatchDomainEvents[Type] };
}[keyof InvitationBatchDomainEvents];
export type InvitationBatchEvent = Omit<StoredEvent, 'type' | 'data'> & InvitationBatchDomainEvent;

const SHAPES: Shapes<InvitationBatchDomainEvents> = {
  InvitationBatchStarted: { kind: text, recipients: number },
  InvitationBatchFinished: { kind: text, outcomes: object, notReached: number },
};
export const INVITATION_BATCH_EVENT_TYPES = Object.keys(SHAPES);

export function isInvitationBatchEvent(event: StoredEvent): event is StoredEvent & InvitationBatchEvent {
  return Object.hasOwn(SHAPES, event.type);
}

export const INVITATION_BATCH_STREAMS = {
  category: 'invitationBatch',
  types: SHAPES,
} as const satisfies DeclaredStreams;
