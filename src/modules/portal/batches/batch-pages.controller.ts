import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { Clock } from '../../../shared/time/clock.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  BatchListDto,
  GetInvitationBatch,
  type InvitationBatchView,
  ListPlaceBatches,
  UndoInvitationBatch,
} from '../../invitations/invitations.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { StaffPlaces, staffTabs } from '../staff/staff-place.js';
import { followed } from './followed-batch.js';

/** The invitation calls of a team: how far each came, which mails failed, and undoing. */
@ApiExcludeController()
@Controller()
export class BatchPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: StaffPlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
    private readonly clock: Clock,
  ) {}

  @Get(inEachPlace('staff/batches'))
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const dto = await checked(BatchListDto, typed(query, 'cursor'));
    const [at, batches] = await Promise.all([
      this.places.at(viewer, ref, request),
      this.queries.execute(new ListPlaceBatches(viewer, 'staff', ref, dto)),
    ]);
    return this.pages.render('batches', at.options, {
      ...at,
      tabs: staffTabs(at, 'batches'),
      batches: batches.items.map((batch) => followed(batch, this.clock.now())),
      older: batches.nextCursor,
    });
  }

  /** While a call or its mails are under way, the page asks for itself again. */
  @Get(inEachPlace('staff/batches/:batchId'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('batchId') batchId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const [at, batch] = await Promise.all([this.places.at(viewer, ref, request), this.batchOf(viewer, ref, batchId)]);
    return this.pages.render('batch', at.options, {
      ...at,
      batch: followed(batch, this.clock.now()),
      count: batch.recipients.toLocaleString(at.options.locale),
      said: saidBy(typed(query, 'done', 'failed')),
    });
  }

  /** The part of the invite form that shows how far the visitor's own call has come. */
  @Get(inEachPlace('staff/invite/sending'))
  @Page()
  async sending(@Actor() viewer: string, @At() ref: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    const newest = new ListPlaceBatches(viewer, 'staff', ref, { limit: 1 }, true);
    const [batch] = (await this.queries.execute(newest)).items.map((item) => followed(item, this.clock.now()));
    return this.pages.renderPart('sending', localeOf(request), {
      batch: batch?.isRunning === true ? batch : null,
      path: request.url.replace(/\/invite\/sending.*$/, ''),
    });
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(inEachPlace('staff/batches/:batchId/undo'))
  @Page()
  toThePage(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pageOf(url)}`);
  }

  @Post(inEachPlace('staff/batches/:batchId/undo'))
  @Page()
  async undo(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('batchId') batchId: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.batchOf(viewer, ref, batchId);
    const page = `${this.pages.base}${pageOf(url)}`;
    return doAndSay(reply, { page, done: `${page}?done=undone` }, async () => {
      const { reason } = await checked(ReasonDto, typed(body, 'reason'));
      await this.commands.execute(new UndoInvitationBatch(viewer, batchId, reason));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for a batch of another place or kind */
  private async batchOf(viewer: string, ref: ScopeRef, batchId: string): Promise<InvitationBatchView> {
    if (!isUUID(batchId)) throw new RuleBroken('not-found');
    const batch = await this.queries.execute(new GetInvitationBatch(viewer, batchId));
    if (batch.scope.id !== ref.id || batch.kind !== 'staff') throw new RuleBroken('not-found');
    return batch;
  }
}

/** The path of the page, from the address of its form. */
function pageOf(url: string): string {
  return url.replace(/\/undo(?:\?.*)?$/, '');
}
