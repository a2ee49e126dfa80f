import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { rowProjection, type Projection } from '../../../shared/projections/projection.js';
import type { SubscriptionEvent } from './subscription.events.js';

/**
 * Read model: every unsubscription, and whether it still holds. Lists of invitations read it. Mails don't, because the
 * streams decide those.
 */
export const UnsubscriptionTable = defineEntity({
  name: 'unsubscription',
  properties: {
    /** Derived from the person and the organisation: `unsubscriptionId`. */
    id: p.uuid().primary(),
    person_id: p.uuid(),
    /** Null means the platform. */
    organisation_id: p.uuid().nullable(),
    unsubscribed: p.boolean(),
    /** When this state began. */
    at: p.datetime().$type<string>(),
  },
});
export type UnsubscriptionTables = InferKyselyDB<typeof UnsubscriptionTable>;

interface UnsubscriptionRow {
  id: string;
  person_id: string;
  organisation_id: string | null;
  unsubscribed: boolean;
  at: string;
}

/** The id of the row of a person and an organisation; null means the platform. */
export function unsubscriptionId(personId: string, organisationId: string | null): string {
  return deterministicId(organisationId ?? PLATFORM.id, personId, 'unsubscription');
}

export const unsubscriptionListProjection: Projection = rowProjection<UnsubscriptionRow>({
  name: 'unsubscription-list',
  table: 'unsubscription',
  handles: ['MailUnsubscribed', 'MailResubscribed'],
  key: (event) => unsubscriptionId(StreamId.parse(event.stream).uuid, dataOf(event).organisationId),
  evolve: (_row, event) => {
    const { organisationId } = dataOf(event);
    const personId = StreamId.parse(event.stream).uuid;
    return {
      id: unsubscriptionId(personId, organisationId),
      person_id: personId,
      organisation_id: organisationId,
      unsubscribed: event.type === 'MailUnsubscribed',
      at: event.recordedAt,
    };
  },
});

function dataOf(event: StoredEvent): SubscriptionEvent['data'] {
  return event.data as unknown as SubscriptionEvent['data'];
}
