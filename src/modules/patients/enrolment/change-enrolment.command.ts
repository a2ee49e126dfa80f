import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { Access, Departures } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { GetPatient } from './get-patient.query.js';
import type { PatientDetails } from './patient.dto.js';
import { endEnrolment, offboard, reactivate } from './patient.js';
import { PatientAccess } from '../patient-access.js';
import { PatientStreams } from '../patient-streams.js';

/** Ends the programme for a patient; they are told by mail. */
export class OffboardPatient extends Command<PatientDetails> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(OffboardPatient)
export class OffboardPatientHandler implements ICommandHandler<OffboardPatient> {
  constructor(
    private readonly patients: PatientAccess,
    private readonly streams: PatientStreams,
    private readonly queries: QueryBus,
  ) {}

  async execute(command: OffboardPatient): Promise<PatientDetails> {
    const { actor, id } = command;
    await this.streams.change(
      command,
      async (reads) => this.patients.openToChange(actor, id, 'patients.offboard', reads),
      (patient, sealed) => {
        if (!sealed) throw new TypeError('a reason was given');
        return offboard(patient, sealed);
      },
    );
    return this.queries.execute(new GetPatient(actor, id));
  }
}

/** Takes an offboarded patient back; they are told by mail. */
export class ReactivatePatient extends Command<PatientDetails> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly reason: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(ReactivatePatient)
export class ReactivatePatientHandler implements ICommandHandler<ReactivatePatient> {
  constructor(
    private readonly patients: PatientAccess,
    private readonly streams: PatientStreams,
    private readonly queries: QueryBus,
  ) {}

  async execute(command: ReactivatePatient): Promise<PatientDetails> {
    const { actor, id } = command;
    await this.streams.change(
      command,
      async (reads) => this.patients.openToChange(actor, id, 'patients.manage', reads),
      reactivate,
    );
    return this.queries.execute(new GetPatient(actor, id));
  }
}

/** Removes a patient; one's own enrolment anybody may end, unless they were offboarded: they could come back by a link. */
export class EndEnrolment extends Command<void> {
  constructor(
    readonly actor: string,
    readonly id: string,
    readonly reason: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(EndEnrolment)
export class EndEnrolmentHandler implements ICommandHandler<EndEnrolment> {
  constructor(
    private readonly access: Access,
    private readonly patients: PatientAccess,
    private readonly streams: PatientStreams,
    private readonly departures: Departures,
  ) {}

  async execute(command: EndEnrolment): Promise<void> {
    const { actor, id } = command;
    let isOwn = false;
    const stream = await this.streams.change(
      command,
      async (reads) => {
        const opened = await this.patients.open(actor, id, reads);
        isOwn = opened.patient.personId === actor;
        if (!isOwn) await this.access.toChange(actor, 'patients.manage', opened.scope, reads);
        else if (opened.admission.scope.archived) throw new RuleBroken('scope-archived');
        return opened;
      },
      (patient, sealed) => endEnrolment(patient, isOwn ? 'left' : 'removed', sealed),
    );
    // The id may be an alias.
    await this.departures.complete(stream);
  }
}
