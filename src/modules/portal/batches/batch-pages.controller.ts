import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
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
import { Actor, MaybeActor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { groupTabs } from '../groups/group-rights.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { forEachInviting, Whom, type Inviting } from '../invite/inviting.js';
import { type PeoplePlace, PeoplePlaces } from '../shell/people-place.js';
import { At, inPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { patientTabs } from '../patients/patient-tabs.js';
import { staffTabs } from '../staff/staff-tabs.js';
import type { TextKey } from '../texts/texts.en.js';
import { type FollowedBatch, followed } from './followed-batch.js';

/** The invitation calls of a team or group, or of the patients or observers of a deployment: how far each came, which mails failed, and undoing. */
@ApiExcludeController()
@Controller()
export class BatchPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
    private readonly clock: Clock,
  ) {}

  @Get(forEachInviting('batches'))
  @Page()
  async list(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const dto = await checked(BatchListDto, typed(query, 'cursor'));
    const [at, batches] = await Promise.all([
      this.places.at(viewer, ref, request, whom),
      this.queries.execute(new ListPlaceBatches(viewer, whom.kind, ref, dto)),
    ]);
    return this.pages.render('batches', at.options, {
      ...at,
      ...facts(at, whom),
      batches: batches.items.map((batch) => followed(batch, this.clock.now())),
      older: batches.nextCursor,
    });
  }

  /** While a call or its mails are under way, the page asks for itself again. */
  @Get(forEachInviting('batches/:batchId'))
  @Page()
  async show(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Param('batchId') batchId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    // One after the other: whichever refused first would tell whether there is such a thing.
    const at = await this.places.at(viewer, ref, request, whom);
    const batch = await this.batchOf(viewer, whom, ref, batchId);
    return this.pages.render('batch', at.options, {
      ...at,
      ...facts(at, whom),
      batch: followed(batch, this.clock.now()),
      count: batch.recipients.toLocaleString(at.options.locale),
      said: saidBy(typed(query, 'done', 'failed')),
    });
  }

  /**
   * The part of the invite form that shows how far the visitor's own call has come. It loads by itself, so it leads
   * nobody who was signed out meanwhile away from what they typed.
   */
  @Get(forEachInviting('invite/sending'))
  @Page()
  async sending(
    @MaybeActor() viewer: string | null,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const batch = viewer === null ? undefined : await this.newestOf(viewer, whom, ref);
    return this.pages.renderPart('sending', localeOf(request), {
      batch: batch?.isRunning === true ? batch : null,
      path: request.url.replace(/\/invite\/sending.*$/, ''),
    });
  }

  private async newestOf(viewer: string, { kind }: Inviting, ref: ScopeRef): Promise<FollowedBatch | undefined> {
    const newest = new ListPlaceBatches(viewer, kind, ref, { limit: 1 }, true);
    const [batch] = (await this.queries.execute(newest)).items;
    return batch && followed(batch, this.clock.now());
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(forEachInviting('batches/:batchId/undo'))
  @Page()
  toThePage(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pageOf(url)}`);
  }

  @Post(forEachInviting('batches/:batchId/undo'))
  @Page()
  async undo(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Param('batchId') batchId: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.batchOf(viewer, whom, ref, batchId);
    const page = `${this.pages.base}${pageOf(url)}`;
    return doAndSay(reply, { page, done: `${page}?done=undone` }, async () => {
      const { reason } = await checked(ReasonDto, typed(body, 'reason'));
      await this.commands.execute(new UndoInvitationBatch(viewer, batchId, reason));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for a batch of another place or kind */
  private async batchOf(
    viewer: string,
    { kind }: Inviting,
    ref: ScopeRef,
    batchId: string,
  ): Promise<InvitationBatchView> {
    const batch = await inPlace(ref, batchId, async (id) => this.queries.execute(new GetInvitationBatch(viewer, id)));
    if (batch.kind !== kind) throw new RuleBroken('not-found');
    return batch;
  }
}

const INVITE_LABELS: Readonly<Record<Inviting['kind'], TextKey>> = {
  staff: 'shell.inviteStaff',
  patient: 'shell.invitePatients',
  observer: 'observers.invite',
  groupMember: 'groups.invite',
};

/** What the pages of batches say about staff, patients, observers or members. */
function facts(at: PeoplePlace, { kind }: Inviting) {
  return {
    isAboutPatients: kind === 'patient',
    isAboutObservers: kind === 'observer',
    isAboutGroup: kind === 'groupMember',
    inviteLabel: INVITE_LABELS[kind],
    tabs: at.group
      ? groupTabs(at.path, at.group, 'invitations')
      : kind === 'patient'
        ? patientTabs(at, 'batches')
        : staffTabs(at.ref, kind === 'observer' ? 'observers' : 'batches'),
  };
}

/** The path of the page, from the address of its form. */
function pageOf(url: string): string {
  return url.replace(/\/undo(?:\?.*)?$/, '');
}
