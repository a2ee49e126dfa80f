import { p } from '@mikro-orm/core';
import { type ScopeKind, scopeOf, type ScopeRef } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { MemberState } from '../types/invitation-type.js';

/** The columns of a read model of memberships; `id` is the membership's. */
export function membershipColumns() {
  return {
    id: p.uuid().primary(),
    person_id: p.uuid().index(),
    scope_kind: p.text().$type<ScopeKind>(),
    scope_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    active: p.boolean(),
    since: p.datetime().$type<string>(),
  };
}

export interface MembershipRow {
  id: string;
  person_id: string;
  scope_kind: ScopeKind;
  scope_id: string;
  organisation_id: string | null;
  active: boolean;
  since: string;
}

export function membershipRow(
  id: string,
  scope: ScopeRef,
  organisationId: string | null,
  { personId, since }: MemberState,
  active: boolean,
): MembershipRow {
  return {
    id,
    person_id: personId,
    scope_kind: scope.kind,
    scope_id: scope.id,
    organisation_id: organisationId,
    active,
    since,
  };
}

/** The row after an event on its stream. @param member the member after it, present or former */
export function membershipRowAfter(event: StoredEvent, member: MemberState, active: boolean): MembershipRow {
  return membershipRow(
    StreamId.parse(event.stream).uuid,
    scopeOf(event),
    event.metadata.organisationId,
    member,
    active,
  );
}
