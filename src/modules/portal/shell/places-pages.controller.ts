import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ScopeListDto } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { VisiblePlaces } from './visible-places.js';

/** The places to which a person can go, and the search for one in the top bar. */
@ApiExcludeController()
@Controller('portal/places')
export class PlacesPagesController {
  constructor(
    private readonly places: VisiblePlaces,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Page()
  async list(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const dto = await checked(ScopeListDto, typed(query, 'q', 'cursor'));
    const [nav, { items, nextCursor }] = await Promise.all([
      this.navigation.of(viewer, '/portal/places'),
      this.places.find(viewer, dto),
    ]);
    return this.pages.render(
      'places',
      { locale: localeOf(request), nav },
      { q: dto.q ?? '', found: items, older: nextCursor },
    );
  }

  /** The part of a page that the search in the top bar loads. */
  @Get('found')
  @Page()
  async found(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const dto = await checked(ScopeListDto, typed(query, 'q'));
    const { q = '' } = dto;
    const found = q.trim() === '' ? await this.places.of(viewer) : (await this.places.find(viewer, dto)).items;
    return this.pages.renderPart('found-places', localeOf(request), { q, found });
  }
}
