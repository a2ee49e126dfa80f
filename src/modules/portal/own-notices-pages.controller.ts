import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MaybeActor } from '../accounts/accounts.contract.js';
import { SwitchMailsBack } from '../invitations/invitations.contract.js';
import { uuidPipe } from '../../shared/http/validation.js';
import { ChooseNotices } from '../groups/groups.contract.js';
import { typed } from './forms.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/** The forms for a person's choices on the start page. */
@ApiExcludeController()
@Controller('me')
export class OwnNoticesPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
  ) {}

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['notices', 'unsubscriptions/:id/end'])
  @Page()
  toTheBoxes(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/#notices`);
  }

  /** A missing field means off, because browsers don't send an unticked box. */
  @Post('notices')
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
    return goTo(reply, `${this.pages.base}/?saved=notices#notices`);
  }

  @Post('unsubscriptions/:id/end')
  @Page()
  async switchMailsBack(
    @MaybeActor() viewer: string | null,
    @Param('id', uuidPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    await this.commands.execute(new SwitchMailsBack(viewer, id));
    return goTo(reply, `${this.pages.base}/`);
  }
}
