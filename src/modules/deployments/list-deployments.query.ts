import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../access/access.contract.js';
import { RoleAssignments } from '../access/access.domain.contract.js';
import { Database } from '../../shared/database/database.js';
import { uuids } from '../../shared/database/lists.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../shared/http/lists/pagination.js';
import type { DeploymentView } from './deployment.dto.js';
import { deploymentView, type DeploymentTables } from './deployment-list.projection.js';

/**
 * An organisation's deployments by name. Callers with a role at the organisation or above see all, others see their
 * own.
 */
export class ListDeployments extends Query<Page<DeploymentView>> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListDeployments)
export class ListDeploymentsHandler implements IQueryHandler<ListDeployments> {
  constructor(
    private readonly database: Database,
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
  ) {}

  async execute({ actor, organisationId, page }: ListDeployments): Promise<Page<DeploymentView>> {
    const after = readCursor(page.cursor, ['text', 'uuid']);
    const { effectivePermissions, scope } = await this.authorization.requireInsider(actor, {
      kind: 'organisation',
      id: organisationId,
    });
    let query = this.database
      .kysely<DeploymentTables>()
      .selectFrom('deployment')
      .selectAll()
      .where('organisation_id', '=', organisationId);
    if (effectivePermissions.roles.length === 0) {
      const own = await this.roleAssignments.deploymentsOf(actor, organisationId);
      query = query.where(sql<boolean>`id = any(${uuids(own)})`);
    }
    if (after) query = query.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('name')
      .orderBy('id')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.name, row.id]);
    return {
      items: items.map((row) => deploymentView(row.id, row.profile, row.archived || scope.archived)),
      nextCursor,
    };
  }
}
