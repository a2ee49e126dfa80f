import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublicRoute } from '../../shared/http/route-markers.js';
import { HTMX, KEPT_FOR_A_YEAR, SCRIPT } from './assets.js';
import { Pages } from './pages.js';

/** The stylesheet of every page, and the scripts of a signed-in person's pages. */
@ApiExcludeController()
@Controller('assets')
export class AssetsController {
  constructor(private readonly pages: Pages) {}

  @Get('portal.css')
  @PublicRoute()
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  stylesheet(): string {
    return this.pages.stylesheet.text;
  }

  @Get('portal.js')
  @PublicRoute()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  script(): string {
    return SCRIPT.text;
  }

  @Get('htmx.js')
  @PublicRoute()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', KEPT_FOR_A_YEAR)
  htmx(): string {
    return HTMX.text;
  }
}
