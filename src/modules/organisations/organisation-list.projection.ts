import { defineEntity, p } from '@mikro-orm/core';
import { scopeListProjection } from '../access/access.contract.js';
import type { OrganisationProfile } from './organisation.events.js';
import { ORGANISATION } from './organisation.js';

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

export const organisationListProjection = scopeListProjection(ORGANISATION, {
  name: 'organisation-list',
  table: 'organisation',
});
