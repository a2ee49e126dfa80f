import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { Access } from '../../shared/access/access.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { GetPatient } from './get-patient.query.js';
import type { PatientDetails } from './patient.dto.js';
import { endEnrolment, offboard, reactivate } from './patient.js';
import { PatientStreams } from './patient-streams.js';

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
    private readonly access: Access,
    private readonly streams: PatientStreams,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor, id, reason }: OffboardPatient): Promise<PatientDetails> {
    const loaded = await this.streams.load(id);
    await this.access.toWrite(actor, 'patients.offboard', loaded.scope);
    await this.streams.change(actor, loaded, reason, (patient, sealed) => {
      if (!sealed) throw new TypeError('a reason was given');
      return offboard(patient, sealed);
    });
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
    private readonly access: Access,
    private readonly streams: PatientStreams,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor, id, reason }: ReactivatePatient): Promise<PatientDetails> {
    const loaded = await this.streams.load(id);
    await this.access.toWrite(actor, 'patients.manage', loaded.scope);
    await this.streams.change(actor, loaded, reason, reactivate);
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
    private readonly streams: PatientStreams,
  ) {}

  async execute({ actor, id, reason }: EndEnrolment): Promise<void> {
    const loaded = await this.streams.load(id);
    const isOwn = loaded.patient.personId === actor;
    if (!isOwn) await this.access.toWrite(actor, 'patients.manage', loaded.scope);
    else if ((await this.access.admit(actor, loaded.scope)).scope.archived) throw new RuleBroken('scope-archived');
    await this.streams.change(actor, loaded, reason, (patient, sealed) => endEnrolment(patient, isOwn ? 'left' : 'removed', sealed));
  }
}
