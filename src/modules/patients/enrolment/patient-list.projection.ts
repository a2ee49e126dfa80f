import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { INVITATION_EVENT_TYPES, isInvitationEvent } from '../../invitations/invitations.domain.contract.js';
import { rowProjection } from '../../../shared/projections/projection.js';
import { isPatientEvent, PATIENT_EVENT_TYPES } from './patient.events.js';

/** Read model: every present, former and invited patient; `id` is the membership's. */
export const PatientTable = defineEntity({
  name: 'patient',
  properties: {
    id: p.uuid().primary(),
    person_id: p.uuid().index(),
    deployment_id: p.uuid(),
    organisation_id: p.uuid().nullable(),
    status: p.text().$type<PatientRow['status']>(),
    /** The time of the enrolment; of the invitation for a pending patient. */
    since: p.datetime().$type<string>().nullable(),
    /** When the invitation of a pending patient expires. */
    expires_at: p.datetime().$type<string>().nullable(),
    offboarded_at: p.datetime().$type<string>().nullable(),
  },
  indexes: [{ name: 'patient_by_deployment', properties: ['deployment_id', 'status', 'since', 'id'] }],
});
export type PatientTables = InferKyselyDB<typeof PatientTable>;

export interface PatientRow {
  id: string;
  person_id: string;
  deployment_id: string;
  organisation_id: string | null;
  status: 'pending' | 'active' | 'offboarded' | 'gone';
  since: string | null;
  expires_at: string | null;
  offboarded_at: string | null;
}

export const patientListProjection = rowProjection<PatientRow>({
  name: 'patient-list',
  table: 'patient',
  handles: [...new Set<string>([...INVITATION_EVENT_TYPES, ...PATIENT_EVENT_TYPES])],
  category: 'patient',
  evolve: (row, event) => afterPatientEvent(row, event) ?? afterInvitationEvent(row, event),
});

function afterPatientEvent(row: PatientRow | undefined, event: StoredEvent): PatientRow | undefined {
  if (!row || !isPatientEvent(event)) return undefined;
  switch (event.type) {
    case 'InvitationAccepted':
      return { ...row, status: 'active', since: event.recordedAt, expires_at: null, offboarded_at: null };
    case 'PatientOffboarded':
      return { ...row, status: 'offboarded', offboarded_at: event.recordedAt };
    case 'PatientReactivated':
      return { ...row, status: 'active', offboarded_at: null };
    case 'PatientRemoved':
    case 'PatientLeft':
      return { ...row, status: 'gone', offboarded_at: null };
  }
}

function afterInvitationEvent(row: PatientRow | undefined, event: StoredEvent): PatientRow | undefined {
  if (!isInvitationEvent(event)) return undefined;
  const { scope, organisationId } = event.metadata;
  switch (event.type) {
    case 'InvitationIssued':
      return {
        id: StreamId.parse(event.stream).uuid,
        person_id: event.data.personId,
        deployment_id: scope.id,
        organisation_id: organisationId,
        status: 'pending',
        since: event.recordedAt,
        expires_at: event.data.expiresAt,
        offboarded_at: null,
      };
    case 'InvitationReissued':
      return row && { ...row, status: 'pending', expires_at: event.data.expiresAt };
    case 'InvitationChanged':
      return row && { ...row, expires_at: event.data.expiresAt };
    case 'InvitationRevoked':
    case 'InvitationDeclined':
    case 'InvitationExpired':
      return row && { ...row, status: 'gone', expires_at: null };
    case 'InvitationAccepted':
      return row;
  }
}
