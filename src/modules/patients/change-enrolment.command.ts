import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { Access } from '../../shared/access/access.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { GetPatient } from './get-patient.query.js';
import type { PatientDetails } from './patient.dto.js';
import { endEnrolment, offboard, reactivate, type EnrolledPatient } from './patient.js';
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

  async execute(command: OffboardPatient): Promise<PatientDetails> {
    const { actor, id } = command;
    await this.streams.change(command, async ({ patient, scope }, reads) => {
      await this.access.toWrite(actor, 'patients.offboard', scope, reads);
      mustNotBeOwn(patient, actor);
    }, (patient, sealed) => {
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

  async execute(command: ReactivatePatient): Promise<PatientDetails> {
    const { actor, id } = command;
    await this.streams.change(command, async ({ patient, scope }, reads) => {
      await this.access.toWrite(actor, 'patients.manage', scope, reads);
      mustNotBeOwn(patient, actor);
    }, reactivate);
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

  async execute(command: EndEnrolment): Promise<void> {
    const { actor } = command;
    let isOwn = false;
    await this.streams.change(command, async ({ patient, scope }, reads) => {
      isOwn = patient.personId === actor;
      if (!isOwn) await this.access.toWrite(actor, 'patients.manage', scope, reads);
      else if ((await this.access.admit(actor, scope, reads)).scope.archived) throw new RuleBroken('scope-archived');
    }, (patient, sealed) => endEnrolment(patient, isOwn ? 'left' : 'removed', sealed));
  }
}

/** Staff who are patients too leave as any patient does; what else becomes of their enrolment others decide. @throws RuleBroken `own-enrolment` */
function mustNotBeOwn({ personId }: EnrolledPatient, actor: string): void {
  if (personId === actor) throw new RuleBroken('own-enrolment');
}
