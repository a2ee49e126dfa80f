import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MaybeActor } from '../../shared/http/sign-in.guard.js';
import { ChooseNotices } from '../groups/groups.contract.js';
import { typed } from './forms.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/** The boxes on the start page. */
@ApiExcludeController()
@Controller('me/notices')
export class OwnNoticesPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Page()
  toTheBoxes(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/#notices`);
  }

  /** Browsers send nothing for a box that isn't ticked. */
  @Post()
  @Page()
  async choose(@MaybeActor() viewer: string | null, @Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    await this.commands.execute(new ChooseNotices(viewer, { groupAcceptances: typed(body, 'groupAcceptances').groupAcceptances !== '' }));
    return goTo(reply, `${this.pages.base}/?saved=notices#notices`);
  }
}
