import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MailTransport } from '../../../shared/mail/mail-transport.js';
import { UNSENT_STATES, type UnsentState } from '../../../shared/outbox/unsent.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  ListInstances,
  ListOutbox,
  ListProjections,
  OutboxListDto,
  RebuildProjection,
  ResumeProjection,
  RetryMail,
} from '../../operations/operations.contract.js';
import { checked, typed } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages, type PageOptions } from '../pages.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';

const OPERATIONS = '/portal/platform/operations';
const MAILS = `${OPERATIONS}/mails`;
const READ_MODEL = `${OPERATIONS}/read-models/:name`;

/** The state of the installation, for super-admins: read models, instances, and mails that weren't sent. */
@ApiExcludeController()
@Controller()
export class OperationsPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly transport: MailTransport,
    private readonly pages: Pages,
  ) {}

  @Get(OPERATIONS)
  @Page()
  async readModels(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const [{ items, logPosition }, instances, mails, options] = await Promise.all([
      this.queries.execute(new ListProjections(viewer)),
      this.queries.execute(new ListInstances(viewer)),
      Promise.all(UNSENT_STATES.map(async (state) => this.counted(viewer, state))),
      this.options(viewer, request),
    ]);
    return this.pages.render('operations', options, {
      mails,
      said: saidBy(typed(query, 'done', 'failed')),
      readModels: items.map(({ name, position, lagSeconds, isRebuildable, error, rebuild }, n) => ({
        name,
        position,
        lagSeconds,
        isRebuildable,
        error,
        rebuild,
        menu: `read-model-${String(n)}`,
      })),
      logPosition,
      instances,
      hasMailbox: this.transport.isMailbox,
    });
  }

  @Get(MAILS)
  @Page()
  async mails(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const { state, cursor, ...said } = typed(query, 'state', 'cursor', 'done', 'failed');
    const dto = await checked(OutboxListDto, { state, cursor, total: 'true' });
    const [found, options] = await Promise.all([
      this.queries.execute(new ListOutbox(viewer, dto)),
      this.options(viewer, request),
    ]);
    return this.pages.render('operations-mails', options, {
      said: saidBy(said),
      states: UNSENT_STATES,
      state: dto.state,
      mails: found.items,
      count: found.total ?? 0,
      isMore: found.totalIsAtLeast === true,
      older: found.nextCursor,
      hasMailbox: this.transport.isMailbox,
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get([`${READ_MODEL}/resume`, `${READ_MODEL}/rebuild`])
  @Page()
  toReadModels(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${OPERATIONS}`);
  }

  @Get(`${MAILS}/:key/retry`)
  @Page()
  toMails(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${MAILS}`);
  }

  @Post(`${READ_MODEL}/resume`)
  @Page()
  async resume(
    @Actor() viewer: string,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(reply, OPERATIONS, 'resumed', async () =>
      this.commands.execute(new ResumeProjection(viewer, name)),
    );
  }

  @Post(`${READ_MODEL}/rebuild`)
  @Page()
  async rebuild(
    @Actor() viewer: string,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(reply, OPERATIONS, 'rebuilding', async () =>
      this.commands.execute(new RebuildProjection(viewer, name)),
    );
  }

  @Post(`${MAILS}/:key/retry`)
  @Page()
  async retry(
    @Actor() viewer: string,
    @Param('key') key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(reply, MAILS, 'retried', async () => this.commands.execute(new RetryMail(viewer, key)));
  }

  private async change(reply: FastifyReply, path: string, done: string, work: () => Promise<unknown>): Promise<string> {
    const page = `${this.pages.base}${path}`;
    return doAndSay(reply, { page, done: `${page}?done=${done}` }, work);
  }

  /** How many mails are in a state. */
  private async counted(viewer: string, state: UnsentState) {
    const dto = Object.assign(new OutboxListDto(), { state, limit: 1, total: 'true' as const });
    const { total = 0, totalIsAtLeast } = await this.queries.execute(new ListOutbox(viewer, dto));
    return { state, path: `${MAILS}?state=${state}`, count: total, isMore: totalIsAtLeast === true };
  }

  private async options(viewer: string, request: FastifyRequest): Promise<PageOptions> {
    return { locale: localeOf(request), nav: await this.navigation.of(viewer, OPERATIONS, PLATFORM) };
  }
}
