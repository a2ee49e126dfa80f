import { defineEntity, p } from '@mikro-orm/core';
import { sql } from 'kysely';
import { scopeOf } from '../../access/access.domain.contract.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { Projection } from '../../../shared/projections/projection.js';
import { isInvitationEvent, type InvitationEvent } from '../domain/invitation.events.js';
import { weekOf } from './week.js';

/** Read model: how many invitations of a kind were sent, accepted and expired in a scope in one week. */
export const InvitationWeekTable = defineEntity({
  name: 'invitation_week',
  properties: {
    scope_id: p.uuid().primary(),
    kind: p.text().primary(),
    /** The date of the Monday, in UTC. */
    week: p.date().primary(),
    sent: p.integer(),
    accepted: p.integer(),
    expired: p.integer(),
  },
});

type Counted = 'sent' | 'accepted' | 'expired';

interface InvitationWeekRow extends Record<Counted, number> {
  scope_id: string;
  kind: string;
  week: string;
}

/** Adds up rows, so that neither a page nor a call counts invitations. Source: docs/domain.md §6.7 */
export const invitationWeekProjection: Projection = {
  name: 'invitation-weeks',
  tables: ['invitation_week'],
  handles: ['InvitationIssued', 'InvitationAccepted', 'InvitationExpired'],
  async apply(events, trx) {
    const rows = new Map<string, InvitationWeekRow>();
    for (const event of events) {
      const [counted, time] = (isInvitationEvent(event) ? countedBy(event) : null) ?? [];
      if (counted === undefined || time === undefined) continue;
      const [scope, kind, week] = [scopeOf(event).id, StreamId.parse(event.stream).category, weekOf(time)];
      const key = [scope, kind, week].join();
      const row = rows.get(key) ?? { scope_id: scope, kind, week, sent: 0, accepted: 0, expired: 0 };
      rows.set(key, { ...row, [counted]: row[counted] + 1 });
    }
    if (rows.size === 0) return;
    const table = sql.table('invitation_week');
    await sql`insert into ${table} as known select * from json_populate_recordset(null::${table}, ${JSON.stringify([...rows.values()])}::json)
      on conflict (scope_id, kind, week) do update set sent = known.sent + excluded.sent,
        accepted = known.accepted + excluded.accepted, expired = known.expired + excluded.expired`.execute(trx);
  },
};

/** What an event adds to, and the moment that it counts at; null if it isn't counted. */
function countedBy({ type, data, recordedAt }: InvitationEvent): [Counted, string] | null {
  switch (type) {
    case 'InvitationIssued':
      return ['sent', recordedAt];
    case 'InvitationAccepted':
      return ['accepted', recordedAt];
    case 'InvitationExpired':
      return ['expired', data.expiresAt ?? recordedAt];
    case 'InvitationReissued':
    case 'InvitationChanged':
    case 'InvitationRevoked':
    case 'InvitationDeclined':
      return null;
  }
}
