import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Authorization } from '../../access/access.contract.js';
import { GroupPlaces } from '../../access/access.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { containing } from '../../../shared/database/patterns.js';
import { PageByName } from '../../../shared/http/lists/page-by-name.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { goneBefore } from './group.js';
import { administersAccount } from '../group-access.js';
import type { GroupListDto, GroupView } from './group.dto.js';
import type { GroupTables } from './group-list.projection.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import { GroupViews } from './group-views.js';

/**
 * An organisation's groups by name: all for account administrators, otherwise the caller's own. Only account
 * administrators may list deleted groups.
 */
export class ListGroups extends Query<CountedPage<GroupView>> {
  constructor(
    readonly actor: string,
    readonly organisationId: string,
    readonly dto: GroupListDto,
  ) {
    super();
  }
}

@QueryHandler(ListGroups)
export class ListGroupsHandler implements IQueryHandler<ListGroups> {
  constructor(
    private readonly authorization: Authorization,
    private readonly groupPlaces: GroupPlaces,
    private readonly database: Database,
    private readonly views: GroupViews,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, organisationId, dto }: ListGroups): Promise<CountedPage<GroupView>> {
    const page = new PageByName(dto);
    const isAccountAdministrator = await this.authorise(actor, organisationId);
    if (dto.state === 'deleted' && !isAccountAdministrator) throw new RuleBroken('forbidden');
    const db = this.database.kysely<GroupTables & GroupMemberTables>();
    let query = db.selectFrom('working_group').selectAll().where('organisation_id', '=', organisationId);
    query =
      dto.state === 'deleted'
        ? query.where('deleted_at', '>', goneBefore(this.clock.now()))
        : query.where('deleted_at', 'is', null);
    const text = (dto.q ?? '').trim().normalize('NFC').toLowerCase();
    if (text !== '') query = query.where(sql<boolean>`lower(name) like ${containing(text)}`);
    if (!isAccountAdministrator) {
      query = query.where(
        'id',
        'in',
        db.selectFrom('group_member').select('group_id').where('person_id', '=', actor).where('active', '=', true),
      );
    }
    const { items, ...rest } = await page.of(db, query);
    return { items: await this.views.of(items, isAccountAdministrator), ...rest };
  }

  /**
   * Admits callers with any role in the organisation, or a membership of one of its groups.
   * @returns whether they see every group
   * @throws RuleBroken `not-found`, `forbidden`
   */
  private async authorise(actor: string, organisationId: string): Promise<boolean> {
    const ref = { kind: 'organisation' as const, id: organisationId };
    const { effectivePermissions } = await this.authorization.evaluate(actor, ref);
    if (administersAccount(effectivePermissions.roles)) return true;
    if (!(await this.groupPlaces.anyWithin(actor, organisationId))) await this.authorization.requireInsider(actor, ref);
    return false;
  }
}
