import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { OutboxState } from '../../../shared/outbox/outbox.js';

/**
 * The table is no read model: it outlives rebuilds, so that a replay sends no mail twice. It holds no address, name,
 * message or link.
 */
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
    /** When the entry was or will be first due. It never changes, because the cursors of pages hold it. */
    queued_at: p.datetime().$type<string>(),
    due_at: p.datetime().$type<string>(),
    lease_until: p.datetime().$type<string>().nullable(),
    /** When the entry reached its state. */
    at: p.datetime().$type<string>(),
    /** Why the last attempt failed, and the code of the reply; null: it didn't, or an older version tried. */
    error: p.text().nullable(),
    error_code: p.text().nullable(),
  },
  indexes: [
    { name: 'outbox_due', properties: ['state', 'due_at'] },
    { name: 'outbox_waiting', properties: ['queued_at'], where: "state = 'pending'" },
    {
      name: 'outbox_failed',
      properties: ['kind', 'invitation_id', 'issue'],
      where: "state in ('failed', 'address-invalid') or (state = 'pending' and due_at > queued_at)",
    },
    {
      name: 'outbox_invitations_not_sent',
      properties: ['invitation_id', 'issue', 'state'],
      where: "kind = 'invitation' and state <> 'sent'",
    },
  ],
});
export type OutboxTables = InferKyselyDB<typeof OutboxTable>;

declare module '../../../shared/outbox/outbox.js' {
  interface OutboxEntry {
    /** UUID. In kinds without an invitation: the membership that the mail is about. */
    invitation_id: string;
  }
}
