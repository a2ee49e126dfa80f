import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublicRoute } from '../../shared/http/route-markers.js';
import { Pages } from './pages.js';

/** Files that pages load. Browsers keep them for a year, because the address changes with the content. */
@ApiExcludeController()
@Controller('assets')
export class AssetsController {
  constructor(private readonly pages: Pages) {}

  @Get('portal.css')
  @PublicRoute()
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=31536000, immutable')
  stylesheet(): string {
    return this.pages.stylesheet;
  }
}
