import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization, canBeGivenAt, Roles } from '../access/access.contract.js';
import { BUILT_IN_ROLES, type Role, PLATFORM, type ScopeRef } from '../access/access.domain.contract.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../shared/http/lists/pagination.js';
import { roleView } from './role-view.js';
import type { RoleView } from './role.dto.js';

/** The roles that can be given in a scope: first the built-in ones, then the custom ones by name. */
export class ListRoles extends Query<Page<RoleView>> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListRoles)
export class ListRolesHandler implements IQueryHandler<ListRoles> {
  constructor(
    private readonly authorization: Authorization,
    private readonly roles: Roles,
  ) {}

  async execute({ actor, scope: ref, page }: ListRoles): Promise<Page<RoleView>> {
    const after = readCursor(page.cursor, ['text', 'uuid']);
    const { scope, effectivePermissions } = await this.authorization.requireInsider(actor, ref);
    const custom = [...(await this.roles.catalogue(scope.organisation?.id ?? null)).values()].filter(
      (role) => !role.deleted,
    );
    const all = [...BUILT_IN_ROLES, ...custom]
      .filter((role) => canBeGivenAt(role, scope))
      .sort((a, b) => compare(sortKey(a), sortKey(b)));
    const rest = after ? all.filter((role) => compare(sortKey(role), after) > 0) : all;
    const { items, nextCursor } = pageOf<Role>(rest, page.limit, sortKey);
    return { items: items.map((role) => roleView(role, effectivePermissions)), nextCursor };
  }
}

/** The key of a role in the list and its cursors. Built-in roles have no UUID, but their position is unique. */
function sortKey(role: Role): string[] {
  const place = BUILT_IN_ROLES.findIndex(({ id }) => id === role.id);
  return place < 0 ? [`custom ${role.name}`, role.id] : [`built-in ${String(place).padStart(2, '0')}`, PLATFORM.id];
}

function compare(left: readonly string[], right: readonly string[]): number {
  const n = left.findIndex((part, index) => part !== right[index]);
  const [a, b] = [left[n] ?? '', right[n] ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}
