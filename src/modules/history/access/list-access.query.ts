import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pageOf, readCursor } from '../../../shared/http/lists/pagination.js';
import { HistoryRunner } from '../history-runner.js';
import { HistoryAccess } from '../reading/history-access.js';
import type { AccessListDto, AccessPage } from './access.dto.js';
import { GrantViews } from './grant-views.js';
import { type GrantRow, GrantsAt } from './grants-at.js';
import { Instants } from './instants.js';

/** Who held what in a scope at an instant. */
export class ListAccess extends Query<AccessPage> {
  constructor(
    readonly reader: string,
    readonly scope: ScopeRef,
    readonly filter: AccessListDto,
  ) {
    super();
  }
}

@QueryHandler(ListAccess)
export class ListAccessHandler implements IQueryHandler<ListAccess> {
  constructor(
    private readonly access: HistoryAccess,
    private readonly runner: HistoryRunner,
    private readonly instants: Instants,
    private readonly grants: GrantsAt,
    private readonly views: GrantViews,
  ) {}

  async execute({ reader, scope: ref, filter }: ListAccess): Promise<AccessPage> {
    const { scope, viewpoint, scopeIds } = await this.access.open(reader, ref);
    const { limit, person, permission, scope: at } = filter;
    // The cursor holds the instant, so that all pages are of the same one.
    const after = readCursor(filter.cursor, ['number', 'number']);
    await this.runner.mustShowEverything();
    const instant = await this.instants.find(after ? { number: Number(after[0]) } : filter);
    const meanings = await this.grants.meanings(scope.organisation?.id ?? null, instant.number);
    const people =
      person === undefined ? undefined : viewpoint.meaningsOf(person, scope.organisation?.id ?? null, scopeIds);
    const isMeant = (row: GrantRow): boolean =>
      person === undefined || viewpoint.see(row.person_id, row.kind, row).personId === person;
    const rows = await this.grants.page(
      scope,
      instant.number,
      { people, permission, scope: at },
      meanings,
      after ? Number(after[1]) : null,
      limit + 1,
    );
    const page = pageOf(rows, limit, (row) => [String(instant.number), String(row.from_number)]);
    const shown = page.items.filter(isMeant);
    const names = await this.views.namesOf(shown);
    return {
      items: shown.map((row) => this.views.view(viewpoint, scope, row, instant.number, meanings, names)),
      nextCursor: page.nextCursor,
      ...instant,
    };
  }
}
