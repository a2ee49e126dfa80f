import type { ResubscribedBecause, SubscriptionEvent, SubscriptionDomainEvent } from './subscription.events.js';

/**
 * When a person unsubscribed, by organisation (null means the platform). The map lacks organisations that still mail
 * them.
 */
export type Unsubscriptions = ReadonlyMap<string | null, Unsubscription>;

export interface Unsubscription {
  /** ISO UTC. */
  since: string;
  /** The event's revision in the person's stream. */
  revision: number;
}

export const NO_UNSUBSCRIPTIONS: Unsubscriptions = new Map();

/** Source: docs/domain.md §6.5 */
export function evolveSubscription(state: Unsubscriptions, event: SubscriptionEvent): Unsubscriptions {
  const after = new Map(state);
  if (event.type === 'MailUnsubscribed')
    after.set(event.data.organisationId, { since: event.recordedAt, revision: event.revision });
  else after.delete(event.data.organisationId);
  return after;
}

/** Returns no event for a person who has unsubscribed already. */
export function unsubscribe(state: Unsubscriptions, organisationId: string | null): SubscriptionDomainEvent[] {
  return state.has(organisationId) ? [] : [{ type: 'MailUnsubscribed', data: { organisationId } }];
}

/** Returns no event for a person who gets the organisation's mails already. */
export function resubscribe(
  state: Unsubscriptions,
  organisationId: string | null,
  because: ResubscribedBecause,
): SubscriptionDomainEvent[] {
  return state.has(organisationId) ? [{ type: 'MailResubscribed', data: { organisationId, because } }] : [];
}
