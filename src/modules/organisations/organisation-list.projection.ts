import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../shared/projections/projection.js';
import { organisationFrom } from './organisation-scopes.js';
import { ORGANISATION_EVENT_TYPES, type OrganisationEvent, type OrganisationProfile } from './organisation.events.js';
import { evolveOrganisation } from './organisation.js';
import type { OrganisationView } from './organisation.dto.js';

/** Read model: every organisation. */
export const OrganisationTable = defineEntity({
  name: 'organisation',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    profile: p.json<OrganisationProfile>(),
    archived: p.boolean(),
  },
  indexes: [{ name: 'organisation_by_name', properties: ['name', 'id'] }],
});
export type OrganisationTables = InferKyselyDB<typeof OrganisationTable>;

interface Row {
  id: string;
  name: string;
  profile: OrganisationProfile;
  archived: boolean;
}

export const organisationListProjection = rowProjection<Row>({
  name: 'organisation-list',
  table: 'organisation',
  handles: ORGANISATION_EVENT_TYPES,
  key: (event) => StreamId.parse(event.stream).uuid,
  evolve(row, event) {
    const before = row
      ? { status: row.archived ? ('archived' as const) : ('active' as const), profile: row.profile }
      : organisationFrom([]);
    const after = evolveOrganisation(before, event as StoredEvent & OrganisationEvent);
    if (after.status === 'unknown') return undefined;
    return {
      id: StreamId.parse(event.stream).uuid,
      name: after.profile.name,
      profile: after.profile,
      archived: after.status === 'archived',
    };
  },
});

export function organisationView(id: string, profile: OrganisationProfile, archived: boolean): OrganisationView {
  return { id, ...profile, archived };
}
