import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { PATIENT_LINK_EVENT_TYPES, type PatientLinkEvent } from './patient-link.events.js';

/** Read model: every patient link. */
export const PatientLinkTable = defineEntity({
  name: 'patient_link',
  properties: {
    id: p.uuid().primary(),
    deployment_id: p.uuid(),
    name: p.text().nullable(),
    expires_at: p.datetime().$type<string>(),
    max_uses: p.integer().nullable(),
    uses: p.integer(),
    revoked: p.boolean(),
    created_at: p.datetime().$type<string>(),
    created_by: p.text(),
  },
  indexes: [{ name: 'patient_link_by_deployment', properties: ['deployment_id', 'created_at', 'id'] }],
});
export type PatientLinkTables = InferKyselyDB<typeof PatientLinkTable>;

export interface PatientLinkRow {
  id: string;
  deployment_id: string;
  name: string | null;
  expires_at: string;
  max_uses: number | null;
  uses: number;
  revoked: boolean;
  created_at: string;
  created_by: string;
}

export const patientLinkListProjection = rowProjection<PatientLinkRow>({
  name: 'patient-link-list',
  table: 'patient_link',
  handles: PATIENT_LINK_EVENT_TYPES,
  evolve: (row, event) => evolvePatientLinkRow(row, event as StoredEvent & PatientLinkEvent),
});

/** The row after the event. The list uses it, and so do readers of one link's stream. */
export function evolvePatientLinkRow(
  row: PatientLinkRow | undefined,
  event: PatientLinkEvent,
): PatientLinkRow | undefined {
  if (event.type === 'PatientLinkCreated') {
    const { name, expiresAt, maxUses } = event.data;
    return {
      id: StreamId.parse(event.stream).uuid,
      deployment_id: event.metadata.scope.id,
      name,
      expires_at: expiresAt,
      max_uses: maxUses,
      uses: 0,
      revoked: false,
      created_at: event.recordedAt,
      created_by: event.metadata.actor,
    };
  }
  if (!row) return undefined;
  switch (event.type) {
    case 'PatientLinkRevoked':
      return { ...row, revoked: true };
    case 'PatientLinkPlaceReserved':
      return { ...row, uses: row.uses + 1 };
    case 'PatientLinkPlaceReleased':
      return { ...row, uses: row.uses - 1 };
  }
}
