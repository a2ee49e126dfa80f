import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { namesPerson, PERSON_COLUMNS } from '../../people/people.contract.js';
import { Database } from '../../../shared/database/database.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { Sorting } from '../../../shared/http/lists/sorting.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pageOfScopes, type RowsOfScopes } from '../lists/rows-of-scopes.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { MemberListCall, MemberRow } from './member-list.js';

/** The members of a scope, of one type. */
export class ListMembers extends Query<CountedPage<object>> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly scope: ScopeRef,
    readonly dto: MemberListCall['dto'],
  ) {
    super();
  }
}

@QueryHandler(ListMembers)
export class ListMembersHandler implements IQueryHandler<ListMembers> {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
  ) {}

  async execute({ actor, kind, scope, dto }: ListMembers): Promise<CountedPage<object>> {
    const policy = this.policies.of(kind);
    const { projection, scopeColumn } = policy.type.members;
    const table = projection.tables[0] ?? '';
    const column = (name: string) => sql.ref(`${table}.${name}`);
    const columns = { since: { value: column('since'), kind: 'time' }, ...PERSON_COLUMNS } as const;
    const sorting = new Sorting(dto.sort, columns, column('id'));
    const listed = await policy.listMembers({ actor, scope, dto });
    const [shownId, stored] = listed.cursorIds ?? [];
    const after = sorting.after(dto.cursor, stored);
    const byPerson = dto.q !== undefined || !dto.sort.endsWith('since');
    const rows: RowsOfScopes = {
      table,
      scopeColumn,
      scopeIds: listed.scopeIds ?? [scope.id],
      where: dto.q ? [...listed.where, namesPerson(dto.q)] : listed.where,
      join: byPerson ? sql`left join person_directory on person_directory.id = ${column('person_id')}` : undefined,
    };
    const { items, ...page } = await pageOfScopes<MemberRow, keyof typeof columns>(this.database, rows, sorting, {
      limit: dto.limit,
      after,
      total: dto.total,
      shownId,
    });
    return { items: await listed.show(items), ...page };
  }
}
