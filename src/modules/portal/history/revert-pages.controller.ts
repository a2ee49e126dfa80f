import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { HistoryListDto, ListHistory } from '../../history/history.contract.js';
import { FindRevertible, RevertDto, RevertEntry } from '../../reverts/reverts.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { PeoplePlaces } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace, inGroup } from '../shell/place-routes.js';
import { doAndSay } from '../staff/done-or-failed.js';
import { HISTORY } from './history-pages.controller.js';
import { shownEntries } from './shown-entries.js';

const PATHS = [...inEachPlace('history/:eventId/revert'), inGroup('history/:eventId/revert')];
/** Numbers of entries have fewer digits. */
const NUMBER = /^\d{1,15}$/;

/** The page that takes an entry of a timeline back. */
@ApiExcludeController()
@Controller()
export class RevertPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
  ) {}

  /**
   * The entry, and the form if the visitor may take it back. The number says where the timeline has it. Without one, a
   * browser that opens the address of the form goes to the timeline.
   */
  @Get(PATHS)
  @Page()
  async ask(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('eventId') eventId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { number } = typed(query, 'number');
    if (number === '') return goTo(reply, this.timelineOf(ref));
    const at = await this.places.at(viewer, ref, request, HISTORY);
    if (!isUUID(eventId) || !NUMBER.test(number)) throw new RuleBroken('not-found');
    const dto = await checked(HistoryListDto, { before: String(Number(number) + 1), limit: '1' });
    const { items } = await this.queries.execute(new ListHistory(viewer, ref, dto, at.options.locale));
    if (items[0]?.eventId !== eventId) throw new RuleBroken('not-found');
    const revertible = await this.queries.execute(new FindRevertible(viewer, eventId));
    return this.pages.render('revert', at.options, { ...at, eventId, entries: shownEntries(items, ref), revertible });
  }

  @Post(PATHS)
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
