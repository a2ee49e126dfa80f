import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import {
  Actor,
  EndOtherSessions,
  EndSession,
  ListSessions,
  MaybeActor,
  SessionId,
} from '../../accounts/accounts.contract.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { accountTabs } from './account-tabs.js';

/** What the page says after a session has ended. */
const SAVED = ['session', 'sessions'] as const;
const PATH = '/account/sessions';

/** Where a person is signed in. */
@ApiExcludeController()
@Controller('account/sessions')
export class SessionPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Page()
  async show(
    @Actor() viewer: string,
    @SessionId() sessionId: string | null,
    @Query('saved') saved: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const [sessions, nav] = await Promise.all([
      this.queries.execute(new ListSessions(viewer, sessionId, { limit: MAX_LIMIT })),
      this.navigation.of(viewer, '/account'),
    ]);
    const view = {
      accountTabs: accountTabs('/sessions'),
      sessions: sessions.items,
      hasOthers: sessions.items.length > 1,
      saved: SAVED.find((each) => each === saved) ?? null,
    };
    return this.pages.render('account-sessions', { locale: localeOf(request), nav }, view);
  }

  /** A browser that opens a form's address without sending it lands here. */
  @Get(['end', ':id/end'])
  @Page()
  toTheForms(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${PATH}`);
  }

  @Post('end')
  @Page()
  async endOthers(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    await this.commands.execute(new EndOtherSessions(viewer, sessionId));
    return goTo(reply, `${this.pages.base}${PATH}?saved=sessions`);
  }

  @Post(':id/end')
  @Page()
  async end(
    @MaybeActor() viewer: string | null,
    @Param('id', uuidPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    await this.commands.execute(new EndSession(viewer, id));
    return goTo(reply, `${this.pages.base}${PATH}?saved=session`);
  }

  private toSignIn(reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/sign-in?next=${PATH}`);
  }
}
