import { Injectable } from '@nestjs/common';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';
import { CommandHandling, SYSTEM, type EventContext } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { personStream } from '../../people/people.domain.contract.js';
import {
  evolveSubscription,
  NO_UNSUBSCRIPTIONS,
  resubscribe,
  unsubscribe,
  type Unsubscriptions,
} from './subscription.js';
import type {
  ResubscribedBecause,
  SubscriptionEvent,
  SubscriptionDomainEvent,
  SubscriptionDomainEvents,
} from './subscription.events.js';

const TYPES: Record<keyof SubscriptionDomainEvents, true> = { MailUnsubscribed: true, MailResubscribed: true };

/** Picks the events about invitation mails from a person's stream, which holds other choices too. */
export function unsubscriptionsFrom(history: readonly StoredEvent[]): Unsubscriptions {
  return history
    .filter((event): event is StoredEvent & SubscriptionEvent => Object.hasOwn(TYPES, event.type))
    .reduce(evolveSubscription, NO_UNSUBSCRIPTIONS);
}

/**
 * Decides who gets invitations and reminders by mail, per organisation. It reads people's own streams, so an
 * unsubscription acts at once.
 */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
    private readonly ownEvents: OwnEvents,
  ) {}

  /** The unsubscriptions of each person. */
  async of(personIds: readonly string[]): Promise<Map<string, Unsubscriptions>> {
    const distinct = [...new Set(personIds)];
    const histories = await this.store.readMany(distinct.map(personStream));
    return new Map(distinct.map((id) => [id, unsubscriptionsFrom(histories.get(personStream(id)) ?? [])]));
  }

  /**
   * Unsubscribes a person who asks for it, or whose unsubscribe link somebody opens.
   * @throws RuleBroken `too-many-requests`
   */
  async unsubscribe(personId: string, organisationId: string | null): Promise<void> {
    await this.decide(personId, organisationId, personId, (state) => unsubscribe(state, organisationId));
  }

  /** Resubscribes a person who asks for it. @throws RuleBroken `too-many-requests` */
  async switchBack(personId: string, organisationId: string | null): Promise<void> {
    await this.decide(personId, organisationId, personId, (state) =>
      resubscribe(state, organisationId, 'switched-back'),
    );
  }

  /**
   * Ends an unsubscription because of another act of the person.
   * @param when decides by the stream at the moment of the append
   */
  async end(
    personId: string,
    organisationId: string | null,
    because: ResubscribedBecause,
    when: (state: Unsubscriptions, history: readonly StoredEvent[]) => boolean = () => true,
  ): Promise<void> {
    await this.decide(personId, organisationId, SYSTEM, (state, history) =>
      when(state, history) ? resubscribe(state, organisationId, because) : [],
    );
  }

  private async decide(
    personId: string,
    organisationId: string | null,
    actor: string,
    decide: (state: Unsubscriptions, history: readonly StoredEvent[]) => SubscriptionDomainEvent[],
  ): Promise<void> {
    const scope: ScopeRef = organisationId === null ? PLATFORM : { kind: 'organisation', id: organisationId };
    const eventContext: EventContext = { actor, scope, organisationId };
    await this.commandHandling.decideAlone(personStream(personId), eventContext, async (history) => {
      const domainEvents = decide(unsubscriptionsFrom(history), history);
      if (domainEvents.length > 0) await this.ownEvents.count(actor, personId);
      return domainEvents;
    });
  }
}
