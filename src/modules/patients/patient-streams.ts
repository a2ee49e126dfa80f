import { Injectable } from '@nestjs/common';
import { Enrolments, type EnrolmentStatus, type ScopeRef, scopeOf } from '../access/access.domain.contract.js';
import { membershipStream } from '../invitations/invitations.contract.js';
import { People, sealReason } from '../people/people.contract.js';
import { Database } from '../../shared/database/database.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { EventStore, type StoredEvent } from '../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../shared/event-sourcing/append-condition.js';
import type { Sealed } from '../../shared/crypto/sealing.js';
import { OwnEvents } from '../../shared/rate-limits/own-events.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { PatientDomainEvent } from './enrolment/patient.events.js';
import type { PatientTables } from './enrolment/patient-list.projection.js';
import { isEnrolled, patientFrom, type EnrolledPatient, type Patient } from './enrolment/patient.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';

export interface LoadedPatient {
  id: string;
  stream: string;
  patient: EnrolledPatient;
  scope: ScopeRef;
  organisationId: string | null;
}

/** The actor of a change, and its reason. */
export interface PatientChange {
  actor: string;
  reason: string | undefined;
}

/** Authorises the caller through `reads`, and returns the patient to change. @throws RuleBroken */
export type OpenToChange = (reads: ReadSet) => Promise<LoadedPatient>;

/** Patients, read from their streams, which decide permissions and changes. */
@Injectable()
export class PatientStreams extends Enrolments {
  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
    private readonly ownEvents: OwnEvents,
  ) {
    super();
  }

  override async statusIn(
    personId: string,
    deploymentId: string,
    reads: StreamSource = this.store,
  ): Promise<EnrolmentStatus> {
    const { status } = patientFrom(
      await reads.read(membershipStream('patient', { kind: 'deployment', id: deploymentId }, personId)),
    );
    return status === 'active' || status === 'offboarded' ? status : 'none';
  }

  override async anyWithin(
    personId: string,
    organisationId: string,
    reads: StreamSource = this.store,
  ): Promise<boolean> {
    const rows = await this.database
      .kysely<PatientTables>()
      .selectFrom('patient')
      .select('id')
      .where('person_id', '=', personId)
      .where('organisation_id', '=', organisationId)
      .where('status', 'in', ['active', 'offboarded'])
      .execute();
    const histories = await reads.readMany(rows.map(({ id }) => StreamId.of('patient', id)));
    return [...histories.values()].some((history) => isEnrolled(patientFrom(history)));
  }

  override async deploymentsOf(personId: string): Promise<string[]> {
    const rows = await this.database
      .kysely<PatientTables>()
      .selectFrom('patient')
      .select('deployment_id')
      .where('person_id', '=', personId)
      .where('status', '=', 'active')
      .execute();
    return rows.map(({ deployment_id: id }) => id);
  }

  /** The patient with this stored id; undefined when there is none. */
  async find(id: string, reads: StreamSource): Promise<LoadedPatient | undefined> {
    const stream = StreamId.of('patient', id);
    const history = await reads.read(stream);
    const patient = patientFrom(history);
    if (!isEnrolled(patient)) return undefined;
    const first = history[0] as StoredEvent;
    return { id, stream, patient, scope: scopeOf(first), organisationId: first.metadata.organisationId };
  }

  /**
   * Stores the events that `decide` returns, if the streams that `open` read still stand there.
   * @param reason is sealed for the domain event that holds it
   * @returns the patient's stream
   * @throws RuleBroken `not-found`, or what `open` and `decide` throw
   */
  async change(
    { actor, reason }: PatientChange,
    open: OpenToChange,
    decide: (patient: Patient, reason: Sealed | undefined) => PatientDomainEvent[],
  ): Promise<string> {
    return this.commandHandling.retrying(async (reads) => {
      const { stream, scope, organisationId, patient } = await open(reads);
      const sealed = reason === undefined ? undefined : await sealReason(this.people, patient.personId, stream, reason);
      if (reason !== undefined && !sealed) throw new RuleBroken('not-found');
      await this.commandHandling.decide({
        stream,
        eventContext: { actor, scope, organisationId },
        onlyIf: reads,
        decide: async (history) => {
          const domainEvents = decide(patientFrom(history), sealed);
          if (domainEvents.length > 0) await this.ownEvents.count(actor, patient.personId);
          return domainEvents;
        },
      });
      return stream;
    });
  }
}
