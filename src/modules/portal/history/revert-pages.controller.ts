import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { RevertDto, RevertEntry } from '../../reverts/reverts.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { doAndSay } from '../staff/done-or-failed.js';

/** The form of a timeline that takes an entry back. */
@ApiExcludeController()
@Controller()
export class RevertPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
  ) {}

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(inEachPlace('history/:eventId/revert'))
  @Page()
  toTheTimeline(@At() ref: ScopeRef, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, this.timelineOf(ref));
  }

  @Post(inEachPlace('history/:eventId/revert'))
  @Page()
  async revert(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('eventId') eventId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (!isUUID(eventId)) throw new RuleBroken('not-found');
    const page = this.timelineOf(ref);
    return doAndSay(reply, { page, done: `${page}?done=reverted` }, async () => {
      const { reason } = await checked(RevertDto, typed(body, 'reason'));
      await this.commands.execute(new RevertEntry(viewer, eventId, reason));
    });
  }

  private timelineOf(ref: ScopeRef): string {
    return `${this.pages.base}${pathOf(ref)}/history`;
  }
}
