import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PublicRoute } from '../../../shared/http/route-markers.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { KEPT_FOR_A_YEAR, readAsset } from '../assets.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { EXAMPLES } from './examples.js';

const PATH = '/portal/components';
const STYLE = readAsset(new URL('components-page.css', import.meta.url));

/** Shows each component of the portal with examples, for its developers. Only an instance in development serves it. */
@ApiExcludeController()
@Controller()
export class ComponentsPageController {
  constructor(
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  @Get(PATH)
  @Page()
  async show(@Actor() viewer: string, @Req() request: FastifyRequest): Promise<string> {
    const nav = await this.navigation.of(viewer, PATH);
    return this.pages.render(
      'components',
      { locale: localeOf(request), nav, title: 'Components' },
      {
        ...EXAMPLES,
        styleVersion: STYLE.version,
      },
    );
  }

  @Get('assets/components-page.css')
  @PublicRoute()
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  stylesheet(): string {
    return STYLE.text;
  }
}
