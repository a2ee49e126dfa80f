import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Pseudonyms } from '../../people/people.contract.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { lines } from '../../../shared/database/lists.js';
import type { Kind } from '../fold/kinds.js';
import { Viewpoint } from '../reading/viewpoint.js';
import { EntryPages } from './entry-pages.js';
import type { HistoryEntryView } from './history.dto.js';

/** What happened to the caller, newest first. */
export class ReadOwnHistory extends Query<Page<HistoryEntryView>> {
  constructor(
    readonly reader: string,
    readonly page: PageRequest,
    readonly locale: Locale,
    /** Entries of these kinds alone; without it, of every kind but `internal.*`. */
    readonly kinds?: readonly Kind[],
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

  async execute({ reader, page, locale, kinds }: ReadOwnHistory): Promise<Page<HistoryEntryView>> {
    await this.pages.mustShowEverything();
    const viewpoint = Viewpoint.ofOneself(this.pseudonyms, reader);
    const ofKinds = kinds ? sql`and kind = any(${lines(kinds)})` : sql``;
    return this.pages.page(viewpoint, sql<boolean>`subject = ${reader}::uuid ${ofKinds}`, page, locale);
  }
}
