import type { ResubscribedBecause, SubscriptionEvent, SubscriptionDomainEvent } from './subscription.events.js';

/** Since when somebody gets no invitations by mail, by organisation (null: the platform); those they get them from are missing. */
export type Unsubscriptions = ReadonlyMap<string | null, Unsubscription>;

export interface Unsubscription {
  /** ISO UTC. */
  since: string;
  /** Where in the person's stream it was said. */
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

/** Quiet when it is so already. */
export function unsubscribe(state: Unsubscriptions, organisationId: string | null): SubscriptionDomainEvent[] {
  return state.has(organisationId) ? [] : [{ type: 'MailUnsubscribed', data: { organisationId } }];
}

/** Quiet when they get mails from there already. */
export function resubscribe(
  state: Unsubscriptions,
  organisationId: string | null,
  because: ResubscribedBecause,
): SubscriptionDomainEvent[] {
  return state.has(organisationId) ? [{ type: 'MailResubscribed', data: { organisationId, because } }] : [];
}
