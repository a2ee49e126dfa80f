import { Injectable } from '@nestjs/common';
import { Scopes, type Sight } from '../../access/access.contract.js';
import { People, PersonNames, Pseudonyms } from '../../people/people.contract.js';
import { openField } from '../../../shared/crypto/sealing.js';
import { identifiesPatient } from '../patient-access.js';
import type { PatientStatus, PatientView } from './patient.dto.js';
import type { EnrolledPatient } from './patient.js';
import type { PatientRow } from './patient-list.projection.js';

/** The data of a view, from a row or from the stream. Times are ISO UTC, or in the form that the database returns. */
export interface ShownPatient {
  id: string;
  personId: string;
  deploymentId: string;
  status: PatientStatus;
  since: string;
  offboardedAt: string | null;
}

/** Patients as the API shows them. */
@Injectable()
export class PatientViews {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly scopes: Scopes,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  /** @param sight how the reader sees the patients. A reader who may not identify them gets aliases */
  async of(reader: string, patients: readonly ShownPatient[], sight: Sight): Promise<PatientView[]> {
    const isShown = ({ personId }: ShownPatient): boolean => identifiesPatient(reader, personId, sight);
    const ids = patients.filter(isShown).map(({ personId }) => personId);
    const hidden = patients.filter((patient) => !isShown(patient)).flatMap(({ id, personId }) => [id, personId]);
    const aliases = this.pseudonyms.aliases(sight.view, hidden);
    const shownId = new Map(hidden.map((id, n) => [id, aliases[n] ?? '']));
    const [people, names, scopes] = await Promise.all([
      this.people.getByIds(ids),
      this.names.of(ids),
      this.scopes.loadAll(patients.map(({ deploymentId }) => ({ kind: 'deployment', id: deploymentId }))),
    ]);
    return patients.map(({ id, personId, deploymentId, status, since, offboardedAt }) => ({
      id: shownId.get(id) ?? id,
      personId: shownId.get(personId) ?? personId,
      pseudonym: this.pseudonyms.pseudonymOf(sight.view, personId),
      ...(!shownId.has(id) ? { name: names.get(personId) ?? null, email: people.get(personId)?.email ?? null } : {}),
      status,
      scope: { kind: 'deployment', id: deploymentId, name: scopes.get(deploymentId)?.name ?? '' },
      since: new Date(since).toISOString(),
      ...(offboardedAt === null ? {} : { offboardedAt: new Date(offboardedAt).toISOString() }),
    }));
  }

  /** The reason of the offboarding; undefined if the patient isn't offboarded or their key is gone. */
  async reasonOf(patient: EnrolledPatient, stream: string): Promise<string | undefined> {
    if (patient.status !== 'offboarded') return undefined;
    const person = (await this.people.getByIds([patient.personId])).get(patient.personId);
    return person && openField(person, { stream, eventId: patient.eventId, field: 'reason' }, patient.reason);
  }
}

export function shownFrom(row: PatientRow): ShownPatient {
  return {
    id: row.id,
    personId: row.person_id,
    deploymentId: row.deployment_id,
    // Lists leave out patients with the status `gone`.
    status: row.status as PatientStatus,
    since: row.since ?? '',
    offboardedAt: row.offboarded_at,
  };
}
