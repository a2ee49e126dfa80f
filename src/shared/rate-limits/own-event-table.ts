import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/**
 * Counts the events that each person has appended about themselves in the current hour. This isn't a read model: if it
 * is lost, each hour begins again.
 */
export const OwnEventTable = defineEntity({
  name: 'own_event_count',
  properties: {
    person_id: p.uuid().primary(),
    /** When the hour began. */
    since: p.datetime().$type<string>(),
    events: p.integer(),
  },
});
export type OwnEventTables = InferKyselyDB<typeof OwnEventTable>;
