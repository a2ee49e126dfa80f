import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { GetPatient } from './get-patient.query.js';
import type { PatientDetails } from './patient.dto.js';
import { reactivate } from './patient.js';
import { PatientAccess } from '../patient-access.js';
import { PatientStreams } from '../patient-streams.js';

/** Reactivates an offboarded patient, who gets a mail about it. */
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
