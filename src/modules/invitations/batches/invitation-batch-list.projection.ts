import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { type ScopeKind, scopeOf } from '../../access/access.domain.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection, type Projection } from '../../../shared/projections/projection.js';
import { INVITATION_EVENT_TYPES, isInvitationEvent } from '../domain/invitation.events.js';
import type { RecipientOutcome } from '../invite/recipients.js';
import { standingAfter, type InvitationRow, type InvitationStanding } from '../manage/invitation-list.projection.js';
import { INVITATION_BATCH_EVENT_TYPES, isInvitationBatchEvent } from './invitation-batch.events.js';

/** Read model: every invitation call that recorded something; `id` is the command id of its events. */
export const InvitationBatchTable = defineEntity({
  name: 'invitation_batch',
  properties: {
    id: p.uuid().primary(),
    kind: p.text(),
    scope_kind: p.text().$type<ScopeKind>(),
    scope_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    issued_by: p.text(),
    at: p.datetime().$type<string>(),
    /** Null for a call with one recipient, and for a call of a version before batches. */
    recipients: p.integer().nullable(),
    /** The answer's counts; null until the call has ended, and where `recipients` is null. */
    outcomes: p.json<Partial<Record<RecipientOutcome, number>>>().nullable(),
    not_reached: p.integer().nullable(),
  },
  indexes: [
    { name: 'invitation_batch_by_organisation', properties: ['organisation_id', 'at', 'id'] },
    { name: 'invitation_batch_by_scope', properties: ['scope_id', 'at', 'id'] },
  ],
});

/** Read model: the batch of each invitation, and its present state, so that batches are counted along an index. */
export const InvitationBatchItemTable = defineEntity({
  name: 'invitation_batch_item',
  properties: {
    /** The invitation's. */
    id: p.uuid().primary(),
    batch_id: p.uuid(),
    state: p.text().$type<InvitationRow['state']>(),
    issue: p.integer(),
    expires_at: p.datetime().$type<string>(),
  },
  indexes: [{ name: 'invitation_batch_item_by_state', properties: ['batch_id', 'state', 'expires_at'] }],
});
export type InvitationBatchTables = InferKyselyDB<typeof InvitationBatchTable | typeof InvitationBatchItemTable>;

export interface InvitationBatchRow {
  id: string;
  kind: string;
  scope_kind: ScopeKind;
  scope_id: string;
  organisation_id: string | null;
  issued_by: string;
  at: string;
  recipients: number | null;
  outcomes: Partial<Record<RecipientOutcome, number>> | null;
  not_reached: number | null;
}

/** The projection's name, which is its checkpoint's. */
export const INVITATION_BATCHES = 'invitation-batches';

const items = rowProjection<{ id: string; batch_id: string } & InvitationStanding>({
  name: INVITATION_BATCHES,
  table: 'invitation_batch_item',
  handles: INVITATION_EVENT_TYPES,
  begins: ['InvitationIssued'],
  key: (event) => requireText(event.data, 'invitationId'),
  evolve(item, event) {
    if (!isInvitationEvent(event)) return undefined;
    const standing = standingAfter(item, event);
    const batchId = item?.batch_id ?? batchOf(event);
    return standing && batchId !== null ? { id: event.data.invitationId, batch_id: batchId, ...standing } : undefined;
  },
});

export const invitationBatchProjection: Projection = {
  name: INVITATION_BATCHES,
  tables: ['invitation_batch', 'invitation_batch_item'],
  handles: [...INVITATION_EVENT_TYPES, ...INVITATION_BATCH_EVENT_TYPES],
  async apply(events, trx) {
    await items.apply(events.filter(isInvitationEvent), trx, undefined);
    const batches = new Map<string, InvitationBatchRow>();
    for (const event of events) {
      if (event.type !== 'InvitationIssued' && !isInvitationBatchEvent(event)) continue;
      const batchId = batchOf(event);
      if (batchId === null) continue;
      batches.set(batchId, afterBatchEvent(batches.get(batchId) ?? begun(batchId, event), event));
    }
    if (batches.size === 0) return;
    const batch = sql.table('invitation_batch');
    // The first event of a batch gives the row, and the later ones only what they know.
    await sql`insert into ${batch} as known select * from json_populate_recordset(null::${batch}, ${JSON.stringify([...batches.values()])}::json)
      on conflict (id) do update set recipients = coalesce(excluded.recipients, known.recipients),
        outcomes = coalesce(excluded.outcomes, known.outcomes), not_reached = coalesce(excluded.not_reached, known.not_reached)`.execute(
      trx,
    );
  },
};

/** The batch that an event belongs to; null for invitations by the system. */
function batchOf({ type, stream, metadata }: StoredEvent): string | null {
  if (type !== 'InvitationIssued') return StreamId.parse(stream).uuid;
  return metadata.actor === SYSTEM ? null : metadata.commandId;
}

function begun(id: string, event: StoredEvent): InvitationBatchRow {
  const scope = scopeOf(event);
  return {
    id,
    kind: isInvitationBatchEvent(event) ? event.data.kind : StreamId.parse(event.stream).category,
    scope_kind: scope.kind,
    scope_id: scope.id,
    organisation_id: event.metadata.organisationId,
    issued_by: event.metadata.actor,
    at: event.recordedAt,
    recipients: null,
    outcomes: null,
    not_reached: null,
  };
}

function afterBatchEvent(row: InvitationBatchRow, event: StoredEvent): InvitationBatchRow {
  if (!isInvitationBatchEvent(event)) return row;
  return event.type === 'InvitationBatchStarted'
    ? { ...row, recipients: event.data.recipients }
    : { ...row, outcomes: event.data.outcomes, not_reached: event.data.notReached };
}
