import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/** How many events each person has appended about themselves in their present hour. Not a read model: lost, everybody's hour begins anew. */
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
