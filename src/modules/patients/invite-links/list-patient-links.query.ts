import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import type { PatientLinkView } from './patient-link.dto.js';
import type { PatientLinkTables } from './patient-link-list.projection.js';
import { PatientLinks, seesStaff } from './patient-links.js';

/** A deployment's links without their addresses, newest first. */
export class ListPatientLinks extends Query<Page<PatientLinkView>> {
  constructor(
    readonly actor: string,
    readonly deploymentId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListPatientLinks)
export class ListPatientLinksHandler implements IQueryHandler<ListPatientLinks> {
  constructor(
    private readonly authorization: Authorization,
    private readonly database: Database,
    private readonly links: PatientLinks,
  ) {}

  async execute({ actor, deploymentId, page }: ListPatientLinks): Promise<Page<PatientLinkView>> {
    const after = readCursor(page.cursor, ['time', 'uuid']);
    const { effectivePermissions } = await this.authorization.requireRead(actor, 'patients.manage', {
      kind: 'deployment',
      id: deploymentId,
    });
    let query = this.database
      .kysely<PatientLinkTables>()
      .selectFrom('patient_link')
      .selectAll()
      .where('deployment_id', '=', deploymentId);
    if (after) query = query.where(sql<boolean>`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, nextCursor } = pageOf(rows, page.limit, (row) => [row.created_at, row.id]);
    return { items: await this.links.views(items, seesStaff(effectivePermissions, actor)), nextCursor };
  }
}
