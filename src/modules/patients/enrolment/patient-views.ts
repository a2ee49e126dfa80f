import { Injectable } from '@nestjs/common';
import { Scopes, type Sight } from '../../access/access.contract.js';
import { People, PersonNames, Pseudonyms } from '../../people/people.contract.js';
import { openField } from '../../../shared/crypto/sealing.js';
import { identifiesPatient } from '../patient-access.js';
import type { PatientStatus, PatientView } from './patient.dto.js';
import type { EnrolledPatient } from './patient.js';

/** The data of a view, from a row or from the stream. Times are ISO UTC, or as the database returns them. */
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

  /** @param sight how the reader sees the patients; without the right to identify them, aliases replace ids */
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

  /** Why the patient was offboarded; undefined when they were not, or their key is gone. */
  async reasonOf(patient: EnrolledPatient, stream: string): Promise<string | undefined> {
    if (patient.status !== 'offboarded') return undefined;
    const person = (await this.people.getByIds([patient.personId])).get(patient.personId);
    return person && openField(person, { stream, eventId: patient.eventId, field: 'reason' }, patient.reason);
  }
}
