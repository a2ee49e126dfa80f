import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Scopes } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { EnrolmentView } from './patient.dto.js';
import type { PatientTables } from './patient-list.projection.js';
import { patientFrom } from './patient.js';
import { PatientViews } from './patient-views.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/** A person's enrolments, oldest first. Offboarded ones have their reason. */
export class ListOwnEnrolments extends Query<EnrolmentView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListOwnEnrolments)
export class ListOwnEnrolmentsHandler implements IQueryHandler<ListOwnEnrolments> {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly scopes: Scopes,
    private readonly views: PatientViews,
  ) {}

  async execute({ actor }: ListOwnEnrolments): Promise<EnrolmentView[]> {
    const rows = await this.database
      .kysely<PatientTables>()
      .selectFrom('patient')
      .select(['id', 'deployment_id'])
      .where('person_id', '=', actor)
      .where('status', 'in', ['active', 'offboarded'])
      .orderBy('since')
      .execute();
    const streams = rows.map(({ id }) => StreamId.of('patient', id));
    const [histories, scopes] = await Promise.all([
      this.store.readMany(streams),
      this.scopes.loadAll(rows.map(({ deployment_id: id }) => ({ kind: 'deployment', id }))),
    ]);
    const views = await Promise.all(
      rows.map(async ({ id, deployment_id: deploymentId }, n): Promise<EnrolmentView[]> => {
        const patient = patientFrom(histories.get(streams[n] ?? '') ?? []);
        if (patient.status !== 'active' && patient.status !== 'offboarded') return [];
        const reason = await this.views.reasonOf(patient, streams[n] ?? '');
        const scope = { kind: 'deployment' as const, id: deploymentId, name: scopes.get(deploymentId)?.name ?? '' };
        return [
          { id, scope, status: patient.status, since: patient.since, ...(reason === undefined ? {} : { reason }) },
        ];
      }),
    );
    return views.flat();
  }
}
