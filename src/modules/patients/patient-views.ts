import { Injectable } from '@nestjs/common';
import { Scopes } from '../../shared/access/scopes.js';
import { openField } from '../../shared/privacy/sealing.js';
import { PersonNames } from '../../shared/privacy/person-directory.js';
import { People } from '../../shared/privacy/people.js';
import { pseudonymOf } from '../../shared/privacy/pseudonym.js';
import type { PatientStatus, PatientView } from './patient.dto.js';
import type { EnrolledPatient } from './patient.js';

/** What a view is made of, from a row or from the stream. Times: ISO UTC, or as the database gives them. */
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
  ) {}

  /** @param identified whether the reader may see who they are */
  async of(patients: readonly ShownPatient[], identified: boolean): Promise<PatientView[]> {
    const ids = identified ? patients.map(({ personId }) => personId) : [];
    const [people, names, scopes] = await Promise.all([
      this.people.reveal(ids), this.names.of(ids), this.scopes.loadAll(patients.map(({ deploymentId }) => ({ kind: 'deployment', id: deploymentId }))),
    ]);
    return patients.map(({ id, personId, deploymentId, status, since, offboardedAt }) => ({
      id,
      personId,
      pseudonym: pseudonymOf(personId),
      ...(identified ? { name: names.get(personId) ?? null, email: people.get(personId)?.email ?? null } : {}),
      status,
      scope: { kind: 'deployment', id: deploymentId, name: scopes.get(deploymentId)?.name ?? '' },
      since: new Date(since).toISOString(),
      ...(offboardedAt === null ? {} : { offboardedAt: new Date(offboardedAt).toISOString() }),
    }));
  }

  /** Why somebody was offboarded; undefined when they were not, or their key is gone. */
  async reasonOf(patient: EnrolledPatient, stream: string): Promise<string | undefined> {
    if (patient.status !== 'offboarded') return undefined;
    const person = (await this.people.reveal([patient.personId])).get(patient.personId);
    return person && openField(person, { stream, eventId: patient.eventId, field: 'reason' }, patient.reason);
  }
}
