import { defineEntity } from '@mikro-orm/core';
import { membershipColumns, type MembershipRow, membershipRowAfter } from '../invitations/invitations.contract.js';
import { rowProjection } from '../../shared/projections/projection.js';
import { evolveObserver } from './observer.js';
import { isObserverEvent, OBSERVER_EVENT_TYPES } from './observer.events.js';

/** Read model: every present and former observer; `id` is the membership's. */
export const ObserverTable = defineEntity({
  name: 'observer',
  properties: membershipColumns(),
  indexes: [{ name: 'observer_by_scope', properties: ['scope_id', 'active', 'since', 'id'] }],
});

export const observerListProjection = rowProjection<MembershipRow>({
  name: 'observer-list',
  table: 'observer',
  handles: OBSERVER_EVENT_TYPES,
  category: 'observer',
  evolve(row, event) {
    if (!isObserverEvent(event)) return undefined;
    const observer = evolveObserver(row && { personId: row.person_id, since: row.since, active: row.active }, event);
    return observer && membershipRowAfter(event, observer, observer.active);
  },
});
