import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/**
 * Counts the events that each person has appended about themselves in the current hour. The table isn't a read model.
 * When it is lost, everybody's hour begins again.
 */
export const OwnEventTable = defineEntity({
  name: 'own_event_count',
  properties: {
    person_id: p.uuid().primary(),
    /** The start of the hour. */
    since: p.datetime().$type<string>(),
    events: p.integer(),
  },
});
export type OwnEventTables = InferKyselyDB<typeof OwnEventTable>;
