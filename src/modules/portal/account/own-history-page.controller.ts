import { Controller, Get, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { KINDS, ReadOwnHistory } from '../../history/history.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { shownEntries } from '../history/shown-entries.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { accountTabs } from './account-tabs.js';

/** What was given to a person and taken from them. */
const OF_ACCESS = KINDS.filter((kind) => /^(?:staff|patient|observer|group-member|file)\./.test(kind));

/** What happened to the visitor. */
@ApiExcludeController()
@Controller('account/history')
export class OwnHistoryPageController {
  constructor(
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  /** Without a choice in the address: what was given and taken. */
  @Get()
  @Page()
  async show(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const { what, cursor } = typed(query, 'what', 'cursor');
    const page = await checked(PageDto, { cursor });
    const locale = localeOf(request);
    const kinds = what === 'everything' ? undefined : OF_ACCESS;
    const [{ items, nextCursor }, nav] = await Promise.all([
      this.queries.execute(new ReadOwnHistory(viewer, page, locale, kinds)),
      this.navigation.of(viewer, '/account'),
    ]);
    return this.pages.render(
      'account-history',
      { locale, nav },
      {
        accountTabs: accountTabs('/history'),
        what,
        maySearch: false,
        // A place may be closed to a person by now, so none is a link.
        entries: shownEntries(items, PLATFORM).map((entry) => ({ ...entry, wherePath: null })),
        older: nextCursor === null ? null : `/account/history?${queryOf({ what, cursor: nextCursor })}`,
      },
    );
  }
}
