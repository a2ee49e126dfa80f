import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../../shared/database/database.js';
import { PersonNames } from '../../shared/privacy/person-directory.js';
import { People } from '../../shared/privacy/people.js';
import { ListOwnEnrolments } from '../patients/patients.contract.js';
import type { Me } from './staff.dto.js';
import type { StaffTables } from './staff-list.projection.js';
import { StaffViews } from './staff-views.js';

/** Who is signed in, where they are on the staff, and where they are a patient. */
export class GetMe extends Query<Me> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(GetMe)
export class GetMeHandler implements IQueryHandler<GetMe> {
  constructor(
    private readonly database: Database,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly views: StaffViews,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor }: GetMe): Promise<Me> {
    const rows = await this.database
      .kysely<StaffTables>()
      .selectFrom('staff_member')
      .selectAll()
      .where('person_id', '=', actor)
      .where('active', '=', true)
      .orderBy('since')
      .execute();
    return {
      personId: actor,
      name: (await this.names.of([actor])).get(actor) ?? null,
      email: (await this.people.reveal([actor])).get(actor)?.email ?? null,
      memberships: await this.views.of(rows),
      enrolments: await this.queries.execute(new ListOwnEnrolments(actor)),
    };
  }
}
