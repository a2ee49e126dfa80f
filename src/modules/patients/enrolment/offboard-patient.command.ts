import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { GetPatient } from './get-patient.query.js';
import type { PatientDetails } from './patient.dto.js';
import { offboard } from './patient.js';
import { PatientAccess } from '../patient-access.js';
import { PatientStreams } from '../patient-streams.js';

/** Ends the programme for a patient, who gets a mail about it. */
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
        if (!sealed) throw new TypeError('the reason is missing');
        return offboard(patient, sealed);
      },
    );
    return this.queries.execute(new GetPatient(actor, id));
  }
}
