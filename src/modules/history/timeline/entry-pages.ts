import { Injectable } from '@nestjs/common';
import type { RawBuilder } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { pageOf, readCursor, type Page, type PageRequest } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { HistoryRunner } from '../history-runner.js';
import type { Viewpoint } from '../reading/viewpoint.js';
import { readEntries } from './entry-query.js';
import { EntryViews } from './entry-views.js';
import type { HistoryEntryView } from './history.dto.js';

/** Reads one page of entries that meet a condition. */
@Injectable()
export class EntryPages {
  constructor(
    private readonly runner: HistoryRunner,
    private readonly database: Database,
    private readonly views: EntryViews,
  ) {}

  /** @throws RuleBroken `invalid-input` for a cursor of another list */
  async page(
    viewpoint: Viewpoint,
    which: RawBuilder<boolean>,
    { cursor, limit }: PageRequest,
    locale: Locale,
  ): Promise<Page<HistoryEntryView>> {
    const after = readCursor(cursor, ['number']);
    const before = after ? Number(after[0]) : null;
    const rows = await readEntries(this.database, [which], { kinds: undefined }, before, limit + 1);
    const page = pageOf(rows, limit, ({ number }) => [String(number)]);
    return { items: await this.views.of(viewpoint, page.items, locale), nextCursor: page.nextCursor };
  }

  async mustShowEverything(): Promise<void> {
    await this.runner.mustShowEverything();
  }
}
