import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { requireText } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../shared/projections/projection.js';

/** Read model: the organisation of each custom role. The organisation's role stream has its name and permissions. */
export const CustomRoleTable = defineEntity({
  name: 'custom_role',
  properties: { id: p.uuid().primary(), organisation_id: p.uuid() },
});
export type CustomRoleTables = InferKyselyDB<typeof CustomRoleTable>;

export const customRoleListProjection = rowProjection<{ id: string; organisation_id: string }>({
  name: 'custom-role-list',
  table: 'custom_role',
  handles: ['RoleDefined'],
  key: (event) => (StreamId.parse(event.stream).category === 'role' ? requireText(event.data, 'roleId') : null),
  evolve: (_, event) => ({ id: requireText(event.data, 'roleId'), organisation_id: StreamId.parse(event.stream).uuid }),
});
