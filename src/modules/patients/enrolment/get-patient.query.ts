import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { mustNotBeOffboarded, PatientAccess } from '../patient-access.js';
import type { PatientDetails } from './patient.dto.js';
import { PatientViews } from './patient-views.js';

/** One patient, read from their stream, for callers who may see patients there, and for the patient. */
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
    private readonly patients: PatientAccess,
    private readonly views: PatientViews,
  ) {}

  async execute({ actor, id }: GetPatient): Promise<PatientDetails> {
    const seen = await this.patients.open(actor, id);
    mustNotBeOffboarded(actor, seen);
    const {
      patient,
      scope,
      stream,
      sight,
      authorization: { effectivePermissions },
    } = seen;
    const offboardedAt = patient.status === 'offboarded' ? patient.at : null;
    const shown = {
      id: seen.id,
      personId: patient.personId,
      deploymentId: scope.id,
      status: patient.status,
      since: patient.since,
      offboardedAt,
    };
    const [view] = await this.views.of(actor, [shown], sight);
    if (!view) throw new TypeError('the patient has no view');
    const reason = effectivePermissions.can('patients.offboard')
      ? await this.views.reasonOf(patient, stream)
      : undefined;
    return Object.assign(view, reason === undefined ? {} : { reason });
  }
}
