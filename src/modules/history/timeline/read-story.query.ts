import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { EntryPages } from './entry-pages.js';
import type { HistoryEntryView } from './history.dto.js';
import { Stories, type StoryOf } from './stories.js';

/** What happened to one thing, newest first. */
export class ReadStory extends Query<Page<HistoryEntryView>> {
  constructor(
    readonly reader: string,
    readonly story: StoryOf,
    readonly id: string,
    readonly page: PageRequest,
    readonly locale: Locale,
  ) {
    super();
  }
}

@QueryHandler(ReadStory)
export class ReadStoryHandler implements IQueryHandler<ReadStory> {
  constructor(
    private readonly stories: Stories,
    private readonly pages: EntryPages,
  ) {}

  async execute({ reader, story, id, page, locale }: ReadStory): Promise<Page<HistoryEntryView>> {
    // The history finds the thing, so it must know everything first.
    await this.pages.mustShowEverything();
    const { condition, viewpoint } = await this.stories.open(reader, story, id);
    return this.pages.page(viewpoint, condition, page, locale);
  }
}
