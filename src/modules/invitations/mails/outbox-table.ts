import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { OutboxState } from '../../../shared/outbox/outbox.js';

/** Not a read model: it outlives rebuilds, so that a replay sends nothing twice. Holds no address, name, message or link. */
export const OutboxTable = defineEntity({
  name: 'outbox',
  properties: {
    /** UUIDv5 of event id and kind; also the mail's Message-ID. */
    key: p.uuid().primary(),
    kind: p.text(),
    stream: p.text(),
    invitation_id: p.uuid().index(),
    issue: p.integer(),
    state: p.text().$type<OutboxState>(),
    attempts: p.integer().default(0),
    /** When it was or will be due first. Never changes: what pages are cut by. */
    queued_at: p.datetime().$type<string>(),
    due_at: p.datetime().$type<string>(),
    lease_until: p.datetime().$type<string>().nullable(),
    /** When the state was reached. */
    at: p.datetime().$type<string>(),
  },
  indexes: [
    { name: 'outbox_due', properties: ['state', 'due_at'] },
    { name: 'outbox_waiting', properties: ['queued_at'], where: "state = 'pending'" },
  ],
});
export type OutboxTables = InferKyselyDB<typeof OutboxTable>;

declare module '../../../shared/outbox/outbox.js' {
  interface OutboxEntry {
    /** Or the membership whose mail it is, in kinds that tell of no invitation. UUID. */
    invitation_id: string;
  }
}
