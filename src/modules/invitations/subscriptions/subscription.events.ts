import { nullable, text, type DeclaredStreams, type Shapes } from '../../../shared/event-sourcing/event-shapes.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';

/**
 * Domain events of `person-<id>`: which organisations may mail them invitations. `organisationId` null means the
 * platform. Stored names are permanent.
 */
export interface SubscriptionDomainEvents {
  MailUnsubscribed: { organisationId: string | null };
  MailResubscribed: { organisationId: string | null; because: ResubscribedBecause };
}
/** The person asked for an invitation at a patient link, accepted an invitation, or switched mails on again. */
export type ResubscribedBecause = 'asked' | 'accepted' | 'switched-back';
export type SubscriptionDomainEvent = {
  [Type in keyof SubscriptionDomainEvents]: { type: Type; data: SubscriptionDomainEvents[Type] };
}[keyof SubscriptionDomainEvents];
export type SubscriptionEvent = Omit<StoredEvent, 'type' | 'data'> & SubscriptionDomainEvent;

const SUBSCRIPTION_SHAPES: Shapes<SubscriptionDomainEvents> = {
  MailUnsubscribed: { organisationId: nullable(text) },
  MailResubscribed: { organisationId: nullable(text), because: text },
};

/** The shapes of these events on the streams of people. */
export const SUBSCRIPTION_STREAMS = { category: null, types: SUBSCRIPTION_SHAPES } as const satisfies DeclaredStreams;
