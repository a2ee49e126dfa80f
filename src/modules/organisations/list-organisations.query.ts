import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../access/access.contract.js';
import { RoleAssignments, PLATFORM } from '../access/access.domain.contract.js';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../shared/http/lists/pagination.js';
import type { OrganisationView } from './organisation.dto.js';
import { organisationView, type OrganisationTables } from './organisation-list.projection.js';

/** The organisations in which the caller has a role, by name; all of them for callers with a role on the platform. */
export class ListOrganisations extends Query<Page<OrganisationView>> {
  constructor(
    readonly actor: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListOrganisations)
export class ListOrganisationsHandler implements IQueryHandler<ListOrganisations> {
  constructor(
    private readonly database: Database,
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
  ) {}

  async execute({ actor, page }: ListOrganisations): Promise<Page<OrganisationView>> {
    const after = readCursor(page.cursor, ['text', 'uuid']);
    const { effectivePermissions } = await this.authorization.evaluate(actor, PLATFORM);
    let query = this.database.kysely<OrganisationTables>().selectFrom('organisation').selectAll();
    if (effectivePermissions.roles.length === 0) {
      const own = await this.roleAssignments.organisationsOf(actor);
      query = query.where(sql<boolean>`id = any(${uuids(own)})`);
    }
    if (after) query = query.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('name')
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.name, row.id]);
    return { items: items.map((row) => organisationView(row.id, row.profile, row.archived)), nextCursor };
  }
}
