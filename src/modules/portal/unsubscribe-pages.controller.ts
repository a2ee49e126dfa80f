import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IgnoresForm } from '../../shared/http/file-upload.js';
import { LinkRoute } from '../../shared/http/route-markers.js';
import { ReadUnsubscribeLink, Unsubscribe } from '../invitations/invitations.contract.js';
import { localeOf, rememberLocale } from './page-language.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/**
 * The page of an unsubscribe link. A GET changes nothing. When a reader clicks, their mail provider sends a POST
 * without cookies or an origin, and with its own body. It checks only the status. Source: RFC 8058
 */
@ApiExcludeController()
@Controller('unsubscribe/:token')
export class UnsubscribePagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Page()
  async show(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    const { locale, ...view } = await this.queries.execute(new ReadUnsubscribeLink(token));
    rememberLocale(request, locale);
    return this.pages.render('unsubscribe', { locale: localeOf(request) }, { ...view, token });
  }

  @Post()
  @Page()
  @LinkRoute()
  @IgnoresForm()
  async unsubscribe(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    await this.commands.execute(new Unsubscribe(token, 'unsubscribe'));
    return this.show(token, request);
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get('undo')
  @Page()
  toThePage(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, this.pathOf(token));
  }

  @Post('undo')
  @Page()
  @LinkRoute()
  async switchBack(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    await this.commands.execute(new Unsubscribe(token, 'switch back'));
    return goTo(reply, this.pathOf(token));
  }

  private pathOf(token: string): string {
    return `${this.pages.base}/unsubscribe/${encodeURIComponent(token)}`;
  }
}
