import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, Departures } from '../../access/access.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { endEnrolment } from './patient.js';
import { PatientAccess } from '../patient-access.js';
import { PatientStreams } from '../patient-streams.js';

/**
 * Removes a patient. Patients may end their own enrolment unless they were offboarded, because they could return by a
 * link.
 */
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
    private readonly authorization: Authorization,
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
        if (!isOwn) await this.authorization.requireChange(actor, 'patients.manage', opened.scope, reads);
        else if (opened.authorization.scope.archived) throw new RuleBroken('scope-archived');
        return opened;
      },
      (patient, sealed) => endEnrolment(patient, isOwn ? 'left' : 'removed', sealed),
    );
    // Uses the stream that was found, because the id may be an alias.
    await this.departures.complete(stream);
  }
}
