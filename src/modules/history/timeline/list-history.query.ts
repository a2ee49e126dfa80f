import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { HistoryRunner } from '../history-runner.js';
import { HistoryAccess } from '../reading/history-access.js';
import type { HistoryEntryView, HistoryListDto } from './history.dto.js';
import { cursorAt, Timelines } from './timelines.js';

/** What happened in a scope, newest first. */
export class ListHistory extends Query<Page<HistoryEntryView>> {
  constructor(
    readonly reader: string,
    readonly scope: ScopeRef,
    readonly filter: HistoryListDto,
    readonly locale: Locale,
  ) {
    super();
  }
}

@QueryHandler(ListHistory)
export class ListHistoryHandler implements IQueryHandler<ListHistory> {
  constructor(
    private readonly access: HistoryAccess,
    private readonly runner: HistoryRunner,
    private readonly timelines: Timelines,
  ) {}

  async execute({ reader, scope, filter, locale }: ListHistory): Promise<Page<HistoryEntryView>> {
    const opened = await this.access.open(reader, scope);
    const start = this.timelines.startOf(filter);
    await this.runner.mustShowEverything();
    const { items } = await this.timelines.read(opened, filter, start, filter.limit + 1, locale);
    const page = items.slice(0, filter.limit);
    return { items: page, nextCursor: items.length > page.length ? cursorAt(page.at(-1)?.number ?? null) : null };
  }
}
