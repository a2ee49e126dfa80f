import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { uuidPipe } from '../../../shared/http/validation.js';
import { Actor, MaybeActor } from '../../accounts/accounts.contract.js';
import { ChooseNotices, GetNotices } from '../../groups/groups.contract.js';
import { ListOwnUnsubscriptions, SwitchMailsBack } from '../../invitations/invitations.contract.js';
import { GetMe } from '../../me/me.contract.js';
import { typed } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { accountTabs } from './account-tabs.js';

const PATH = '/account/notices';

/** The mails that a person gets, and the forms for their choices. */
@ApiExcludeController()
@Controller()
export class OwnNoticesPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  @Get('account/notices')
  @Page()
  async show(@Actor() viewer: string, @Query('saved') saved: unknown, @Req() request: FastifyRequest): Promise<string> {
    const [{ groups, memberships }, chosen, unsubscriptions, nav] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.queries.execute(new GetNotices(viewer)),
      this.queries.execute(new ListOwnUnsubscriptions(viewer)),
      this.navigation.of(viewer, '/account'),
    ]);
    // Others would wait for mails that never come.
    const hearsOfGroups =
      groups.some(({ administrator }) => administrator) ||
      memberships.some(({ role }) => role === 'organisation-owner');
    const view = {
      accountTabs: accountTabs('/notices'),
      notices: hearsOfGroups ? chosen : null,
      unsubscriptions,
      isSaved: saved === 'notices',
    };
    return this.pages.render('account-notices', { locale: localeOf(request), nav }, view);
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['me/notices', 'me/unsubscriptions/:id/end'])
  @Page()
  toTheBoxes(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${PATH}`);
  }

  /** A missing field means off, because browsers don't send an unticked box. */
  @Post('me/notices')
  @Page()
  async choose(
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    await this.commands.execute(
      new ChooseNotices(viewer, { groupAcceptances: typed(body, 'groupAcceptances').groupAcceptances !== '' }),
    );
    return goTo(reply, `${this.pages.base}${PATH}?saved=notices`);
  }

  @Post('me/unsubscriptions/:id/end')
  @Page()
  async switchMailsBack(
    @MaybeActor() viewer: string | null,
    @Param('id', uuidPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    await this.commands.execute(new SwitchMailsBack(viewer, id));
    return goTo(reply, `${this.pages.base}${PATH}`);
  }
}
