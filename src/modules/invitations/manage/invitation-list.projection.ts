import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { type ScopeKind, scopeOf } from '../../access/access.domain.contract.js';
import { requireText } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection, type Projection } from '../../../shared/projections/projection.js';
import {
  INVITATION_EVENT_TYPES,
  isInvitationEvent,
  type Grant,
  type InvitationEvent,
  type InvitationDomainEvents,
} from '../domain/invitation.events.js';

/** Read model: every invitation of every type, with its present state. */
export const InvitationTable = defineEntity({
  name: 'invitation',
  properties: {
    id: p.uuid().primary(),
    kind: p.text(),
    stream: p.text(),
    person_id: p.uuid().index(),
    scope_kind: p.text().$type<ScopeKind>(),
    scope_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    role: p.text(),
    /** The recorded state. A pending invitation past `expires_at` is expired. */
    state: p.text().$type<InvitationRow['state']>(),
    issue: p.integer(),
    issued_by: p.text(),
    /** The first inviter, even after others resent it; null in rows of older versions, which didn't record it. */
    invited_by: p.text().nullable(),
    invited_at: p.datetime().$type<string>(),
    expires_at: p.datetime().$type<string>(),
  },
  indexes: [
    { name: 'invitation_by_scope', properties: ['scope_id', 'kind', 'invited_at', 'id'] },
    { name: 'invitation_by_expiry', properties: ['scope_id', 'kind', 'expires_at', 'id'] },
    { name: 'invitation_by_state', properties: ['scope_id', 'kind', 'state', 'invited_at', 'id'] },
    { name: 'invitation_by_role', properties: ['scope_id', 'kind', 'role', 'invited_at', 'id'] },
    { name: 'invitation_open', properties: ['expires_at', 'id'], where: "state = 'pending'" },
  ],
});
export type InvitationTables = InferKyselyDB<typeof InvitationTable>;

export interface InvitationRow {
  id: string;
  kind: string;
  stream: string;
  person_id: string;
  scope_kind: ScopeKind;
  scope_id: string;
  organisation_id: string | null;
  role: string;
  state: 'pending' | 'accepted' | 'declined' | 'revoked' | 'expired';
  issue: number;
  issued_by: string;
  invited_by: string | null;
  invited_at: string;
  expires_at: string;
}

export const invitationListProjection: Projection = rowProjection<InvitationRow>({
  name: 'invitation-list',
  table: 'invitation',
  handles: INVITATION_EVENT_TYPES,
  begins: ['InvitationIssued'],
  key: (event) => requireText(event.data, 'invitationId'),
  evolve: (row, event) => (isInvitationEvent(event) ? evolveInvitationRow(row, event) : undefined),
});

/** What an event may change in any read model with a row for each invitation. */
export type InvitationStanding = Pick<InvitationRow, 'state' | 'issue' | 'expires_at'>;

/** The invitation's standing after the event; undefined while it isn't issued. */
export function standingAfter(
  before: InvitationStanding | undefined,
  { type, data }: InvitationEvent,
): InvitationStanding | undefined {
  if (type === 'InvitationIssued') return { state: 'pending', issue: data.issue, expires_at: data.expiresAt };
  if (!before) return undefined;
  const { state, issue, expires_at } = before;
  switch (type) {
    case 'InvitationReissued':
      return { state: 'pending', issue: data.issue, expires_at: data.expiresAt };
    case 'InvitationChanged':
      return { state, issue, expires_at: data.expiresAt };
    case 'InvitationRevoked':
      return { state: 'revoked', issue, expires_at };
    case 'InvitationDeclined':
      return { state: 'declined', issue, expires_at };
    case 'InvitationExpired':
      return { state: 'expired', issue, expires_at };
    case 'InvitationAccepted':
      return { state: 'accepted', issue, expires_at };
  }
}

/** The row after the event. The list uses it, and so do readers of one invitation's stream. */
export function evolveInvitationRow(row: InvitationRow | undefined, event: InvitationEvent): InvitationRow | undefined {
  const standing = standingAfter(row, event);
  if (!standing) return undefined;
  if (event.type === 'InvitationIssued') return { ...issued(event, event.data), ...standing };
  if (!row) return undefined;
  if (event.type === 'InvitationReissued') return { ...row, ...standing, issued_by: event.metadata.actor };
  if (event.type === 'InvitationChanged')
    return { ...row, ...standing, role: roleIn(event.data.grant), issued_by: event.metadata.actor };
  return { ...row, ...standing };
}

function issued(
  { stream, recordedAt, metadata }: InvitationEvent,
  data: InvitationDomainEvents['InvitationIssued'],
): Omit<InvitationRow, keyof InvitationStanding> {
  const scope = scopeOf({ metadata });
  return {
    id: data.invitationId,
    kind: StreamId.parse(stream).category,
    stream,
    person_id: data.personId,
    scope_kind: scope.kind,
    scope_id: scope.id,
    organisation_id: metadata.organisationId,
    role: roleIn(data.grant),
    issued_by: metadata.actor,
    invited_by: metadata.actor,
    invited_at: recordedAt,
  };
}

/** The role or permission set of a grant; empty for a grant that is neither. */
function roleIn(grant: Grant): string {
  return grant['role'] === undefined ? '' : requireText(grant, 'role');
}
