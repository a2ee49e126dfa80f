import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization, Sights } from '../../access/access.contract.js';
import { namesPerson, PERSON_COLUMNS, type PersonDirectoryTables, Pseudonyms } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { Sorting } from '../../../shared/http/lists/sorting.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { PatientListDto, PatientStatus, PatientView } from './patient.dto.js';
import type { PatientTables } from './patient-list.projection.js';
import { PatientViews } from './patient-views.js';

const COLUMNS = {
  since: { value: sql`patient.since`, kind: 'time' },
  ...PERSON_COLUMNS,
} as const;

/** The patients of a deployment. */
export class ListPatients extends Query<Page<PatientView>> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly dto: PatientListDto,
  ) {
    super();
  }
}

@QueryHandler(ListPatients)
export class ListPatientsHandler implements IQueryHandler<ListPatients> {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly database: Database,
    private readonly views: PatientViews,
    private readonly clock: Clock,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  async execute({ actor, deploymentId, dto }: ListPatients): Promise<Page<PatientView>> {
    const sorting = new Sorting(dto.sort, COLUMNS, sql`patient.id`);
    const authorization = await this.authorization.requireRead(actor, 'patients.view', {
      kind: 'deployment',
      id: deploymentId,
    });
    const sight = await this.sights.of(actor, 'patients.view-identifiers', authorization);
    const [shownId, storedId] = this.pseudonyms.forCursors(sight);
    const after = sorting.after(dto.cursor, storedId);
    const byPerson = dto.q !== undefined || !dto.sort.endsWith('since');
    if (byPerson && !sight.identifies) throw new RuleBroken('forbidden');
    let query = this.database
      .kysely<PatientTables & PersonDirectoryTables>()
      .selectFrom('patient')
      .selectAll('patient')
      .select(sorting.key.as('sort_key'))
      .where('deployment_id', '=', deploymentId);
    if (dto.status === undefined) query = query.where('status', 'in', ['active', 'offboarded']);
    else query = query.where('status', '=', dto.status);
    if (dto.status === 'pending') query = query.where('expires_at', '>', this.clock.now().toISOString());
    if (byPerson) query = query.leftJoin('person_directory', 'person_directory.id', 'patient.person_id');
    if (dto.q) query = query.where(namesPerson(dto.q));
    if (after) query = query.where(after);
    const rows = await query
      .orderBy(sorting.order)
      .limit(dto.limit + 1)
      .execute();
    const { items, nextCursor } = sorting.page(rows, dto.limit, shownId);
    const shown = items.map((row) => ({
      id: row.id,
      personId: row.person_id,
      deploymentId,
      status: row.status as PatientStatus,
      since: row.since ?? '',
      offboardedAt: row.offboarded_at,
    }));
    return { items: await this.views.of(actor, shown, sight), nextCursor };
  }
}
