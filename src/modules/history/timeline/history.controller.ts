import { Readable } from 'node:stream';
import { Controller, Get, Query, Req, StreamableFile, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../../access/access.contract.js';
import { SCOPE_KINDS, type ScopeKind } from '../../access/access.domain.contract.js';
import { pathUnder, ScopeId, scopeName } from '../../access/access.routes.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { acceptedLocale } from '../../../shared/http/accepted-locale.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import {
  type HistoryEntryView,
  HistoryListDto,
  HistoryPage,
  STREAM_FORMS,
  STREAM_TYPES,
  type StreamForm,
} from './history.dto.js';
import { HistoryStreams } from './history-streams.js';
import { ListHistory } from './list-history.query.js';

const DESCRIPTIONS: Readonly<Record<ScopeKind, string>> = {
  platform: 'Everything that happened in the installation.',
  organisation: 'Includes everything below the organisation. Groups show no content.',
  deployment: 'Includes changes of who may act in it from the organisation above.',
  group: 'For its administrators. Holders of `audit.view` in the organisation see no content.',
};
const IN_GENERAL =
  'Newest first. Shows everything stored before the call came. With `Accept: application/x-ndjson` or `text/csv`, or with `format`, it is a stream of all entries. Readers who may not identify a person get a pseudonym and aliases of ids.';

/** The timeline of scopes of a kind. */
function historyRoutes(kind: ScopeKind): Type {
  @ApiTags('History')
  @Controller('v1')
  class Routes {
    constructor(
      private readonly queries: QueryBus,
      private readonly streams: HistoryStreams,
    ) {}

    @Get(pathUnder(kind, 'history'))
    @Operation({
      id: `historyOf${named(kind)}`,
      summary: `List what happened ${scopeName(kind)}`,
      description: `${IN_GENERAL} ${DESCRIPTIONS[kind]}`,
      needs: kind === 'group' ? undefined : 'audit.view',
      at: kind,
      answers: HistoryPage,
      codes: kind === 'group' ? ['forbidden'] : [],
    })
    async list(
      @Actor() actor: string,
      @ScopeId(kind) id: string,
      @Query() filter: HistoryListDto,
      @Req() { headers }: FastifyRequest,
    ): Promise<Page<HistoryEntryView> | StreamableFile> {
      const locale = acceptedLocale(headers['accept-language']);
      const form = filter.format ?? streamForm(headers.accept);
      if (form) {
        const text = await this.streams.open({ reader: actor, scope: { kind, id }, filter, locale, form });
        return new StreamableFile(Readable.from(text), {
          type: `${STREAM_TYPES[form]}; charset=utf-8`,
          disposition: `attachment; filename="history.${form}"`,
        });
      }
      return this.queries.execute(new ListHistory(actor, { kind, id }, filter, locale));
    }
  }
  return Object.defineProperty(Routes, 'name', { value: `HistoryOf${named(kind)}Routes` });
}

/** The form of a stream that the caller accepts; undefined for a page. */
function streamForm(accept: string | undefined): StreamForm | undefined {
  const wanted = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  return STREAM_FORMS.find((form) => wanted.includes(STREAM_TYPES[form]));
}

function named(kind: ScopeKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

export const HISTORY_ROUTES: readonly Type[] = SCOPE_KINDS.map(historyRoutes);
