import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page as ListPage } from '../../../shared/http/lists/pagination.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { MemberListDto } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  EndMembership,
  GetMember,
  InvitationListDto,
  ListInvitations,
  ListMembers,
} from '../../invitations/invitations.contract.js';
import { OBSERVER_WINDOWS, type ObserverView } from '../../observers/observers.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { OBSERVERS, PeoplePlaces } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inPlace } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { shown as shownInvitation } from '../staff/staff-invitation-pages.controller.js';
import { staffTabs } from '../staff/staff-tabs.js';

/** What the list shows: observers, or invitations in a state. */
const TYPES = ['active', 'pending', 'expired'] as const;
type ObserverType = (typeof TYPES)[number];
const LIST = 'portal/deployments/:id/observers';
const END = `${LIST}/:observerId/end`;

/** The observers of a deployment with those who are invited, and the form that removes one. */
@ApiExcludeController()
@Controller()
export class ObserverPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Without a type in the address, the list shows the active observers. */
  @Get(LIST)
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { type: asked, q, cursor, ...said } = typed(query, 'type', 'q', 'cursor', 'done', 'failed');
    const type = TYPES.find((each) => each === asked) ?? 'active';
    const [at, { observers, invitations, older }] = await Promise.all([
      this.places.at(viewer, ref, request, OBSERVERS),
      this.found(viewer, ref, type, { q, cursor }),
    ]);
    return this.pages.render('observers', at.options, {
      ...at,
      tabs: staffTabs(ref, 'observers'),
      said: saidBy(said),
      windows: this.pages.windowChoices(at.options.locale, OBSERVER_WINDOWS),
      types: TYPES,
      type,
      q,
      observers,
      invitations: invitations.map((invitation) => ({ ...invitation, mayChange: at.mayManage })),
      older,
    });
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(END)
  @Page()
  toTheList(@At() ref: ScopeRef, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pathOf(ref)}/observers`);
  }

  @Post(END)
  @Page()
  async end(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('observerId') observerId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await inPlace(
      ref,
      observerId,
      async (id) => this.queries.execute(new GetMember(viewer, 'observer', id)) as Promise<ObserverView>,
    );
    const list = `${this.pages.base}${pathOf(ref)}/observers`;
    return doAndSay(reply, { page: list, done: `${list}?done=observer-removed` }, async () => {
      const options = await checked(ReasonDto, typed(body, 'reason'));
      await this.commands.execute(new EndMembership(viewer, 'observer', observerId, options));
      await this.writes.shown();
    });
  }

  private async found(viewer: string, ref: ScopeRef, type: ObserverType, page: { q: string; cursor: string }) {
    if (type !== 'active') {
      const dto = await checked(InvitationListDto, { ...page, state: type });
      const { items, nextCursor } = await this.queries.execute(new ListInvitations(viewer, 'observer', ref, dto));
      const invitations = items.map((item, n) => ({ ...shownInvitation(item), menu: `invitation-${String(n)}` }));
      return { observers: [], invitations, older: nextCursor };
    }
    const dto = await checked(MemberListDto, page);
    const listed = this.queries.execute(new ListMembers(viewer, 'observer', ref, dto));
    const { items, nextCursor } = (await listed) as ListPage<ObserverView>;
    return { observers: items.map(shown), invitations: [], older: nextCursor };
  }
}

function shown({ name = null, email = null, ...observer }: ObserverView, n: number) {
  return {
    ...observer,
    name,
    email,
    title: name ?? email,
    initials: initialsOf(name ?? email),
    menu: `observer-${String(n)}`,
  };
}
