import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Pseudonyms } from '../../people/people.contract.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { Viewpoint } from '../reading/viewpoint.js';
import { EntryPages } from './entry-pages.js';
import type { HistoryEntryView } from './history.dto.js';

/** What happened to the caller, newest first. */
export class ReadOwnHistory extends Query<Page<HistoryEntryView>> {
  constructor(
    readonly reader: string,
    readonly page: PageRequest,
    readonly locale: Locale,
  ) {
    super();
  }
}

@QueryHandler(ReadOwnHistory)
export class ReadOwnHistoryHandler implements IQueryHandler<ReadOwnHistory> {
  constructor(
    private readonly pages: EntryPages,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  async execute({ reader, page, locale }: ReadOwnHistory): Promise<Page<HistoryEntryView>> {
    await this.pages.mustShowEverything();
    const viewpoint = Viewpoint.ofOneself(this.pseudonyms, reader);
    return this.pages.page(viewpoint, sql<boolean>`subject = ${reader}::uuid`, page, locale);
  }
}
