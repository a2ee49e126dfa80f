import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Access } from '../../shared/access/access.js';
import type { PatientDetails } from './patient.dto.js';
import { PatientStreams } from './patient-streams.js';
import { PatientViews } from './patient-views.js';

/** One patient, as the stream has them, for whoever may see patients there. */
export class GetPatient extends Query<PatientDetails> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetPatient)
export class GetPatientHandler implements IQueryHandler<GetPatient> {
  constructor(
    private readonly access: Access,
    private readonly streams: PatientStreams,
    private readonly views: PatientViews,
  ) {}

  async execute({ actor, id }: GetPatient): Promise<PatientDetails> {
    const { patient, scope, stream } = await this.streams.load(id);
    const { authority } = await this.access.toRead(actor, 'patients.view', scope);
    const offboardedAt = patient.status === 'offboarded' ? patient.at : null;
    const shown = { id, personId: patient.personId, deploymentId: scope.id, status: patient.status, since: patient.since, offboardedAt };
    const [view] = await this.views.of([shown], authority.can('patients.view-identifiers'));
    if (!view) throw new TypeError('one patient, one view');
    const reason = authority.can('patients.offboard') ? await this.views.reasonOf(patient, stream) : undefined;
    return Object.assign(view, reason === undefined ? {} : { reason });
  }
}
