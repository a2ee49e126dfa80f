import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { Sorting } from '../../../shared/http/lists/sorting.js';
import { namesPerson, PERSON_COLUMNS, type PersonDirectoryTables } from '../../people/people.contract.js';
import { GroupAccess } from '../group-access.js';
import type { GroupMemberTables } from '../members/group-member-list.projection.js';
import type { NetworkDto, NetworkPerson } from './group-invitation.dto.js';
import { isInNetwork } from './group-network.js';

/** People of the organisation's network, by name, without the caller and the group's members. */
export class ListGroupNetwork extends Query<Page<NetworkPerson>> {
  constructor(
    readonly actor: string,
    readonly groupId: string,
    readonly dto: NetworkDto,
    /** Only these people; absent: all. */
    readonly only?: readonly string[],
  ) {
    super();
  }
}

@QueryHandler(ListGroupNetwork)
export class ListGroupNetworkHandler implements IQueryHandler<ListGroupNetwork> {
  constructor(
    private readonly access: GroupAccess,
    private readonly database: Database,
  ) {}

  async execute({ actor, groupId, dto, only }: ListGroupNetwork): Promise<Page<NetworkPerson>> {
    const sorting = new Sorting<'name'>('name', { name: PERSON_COLUMNS.name }, sql`person_directory.id`);
    const after = sorting.after(dto.cursor);
    const { group } = await this.access.requirePicker(actor, groupId);
    const db = this.database.kysely<PersonDirectoryTables & GroupMemberTables>();
    let query = db
      .selectFrom('person_directory')
      .selectAll('person_directory')
      .select(sorting.key.as('sort_key'))
      .where(isInNetwork(group.organisationId))
      .where('id', '<>', actor)
      .where(
        'id',
        'not in',
        db.selectFrom('group_member').select('person_id').where('group_id', '=', groupId).where('active', '=', true),
      );
    if (only) query = query.where(sql<boolean>`person_directory.id = any(${uuids(only)})`);
    if (dto.q) query = query.where(namesPerson(dto.q));
    const { items, nextCursor } = await sorting.pageOf(query, after, dto.limit);
    return { items: items.map(({ id, name, email }) => ({ personId: id, name, email })), nextCursor };
  }
}
