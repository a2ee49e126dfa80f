import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ChangedSetDto, GROUP_WINDOWS } from '../../groups/groups.contract.js';
import {
  changeDto,
  ChangeInvitation,
  GetInvitation,
  InvitationListDto,
  type InvitationView,
  ListInvitations,
} from '../../invitations/invitations.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf } from '../shell/place.js';
import { At, inGroup, inPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { shown as shownInvitation } from '../staff/staff-invitation-pages.controller.js';
import { type GroupRights, groupTabs } from './group-rights.js';
import { chosenPermissions, setChoices, setIn } from './permission-sets.js';
import { PortalGroups } from './portal-groups.js';

const ChangeGroupInvitationDto = changeDto({ body: 'ChangeGroupInvitationDto', fields: ChangedSetDto }, GROUP_WINDOWS);
const STATES = ['pending', 'expired', 'accepted', 'declined', 'revoked'] as const;
const CHANGE = inGroup('invitations/:invitationId/change');

/** The invitations to a group, and the form that changes a pending one. */
@ApiExcludeController()
@Controller()
export class GroupInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly groups: PortalGroups,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Without a state in the address, the list shows the pending ones. */
  @Get(inGroup('invitations'))
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: { state?: unknown },
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const {
      state: chosen,
      q,
      mail,
      cursor,
      ...said
    } = typed(query, 'state', 'q', 'mail', 'cursor', 'done', 'failed', 'count', 'refused');
    const state = query.state === undefined ? 'pending' : chosen;
    const dto = await checked(InvitationListDto, { state, q, mail, cursor });
    const at = await this.groups.at(viewer, ref.id, request);
    const found = await this.queries.execute(new ListInvitations(viewer, 'groupMember', ref, dto));
    const list = `${at.path}/invitations`;
    return this.pages.render('group-invitations', at.options, {
      ...at,
      tabs: groupTabs(at.path, at.group, 'invitations'),
      said: saidBy(said, 'groups'),
      states: STATES,
      state,
      q,
      mail,
      invitations: found.items.map((invitation) => ({ ...shown(invitation), ...actsOn(invitation, at.group) })),
      older: found.nextCursor === null ? null : `${list}?${queryOf({ state, q, mail, cursor: found.nextCursor })}`,
    });
  }

  @Get(CHANGE)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    const invitation = await this.invitationOf(viewer, ref, id);
    return this.pages.render('group-invitation-change', at.options, {
      ...at,
      said: saidBy(typed(query, 'done', 'failed'), 'groups'),
      invitation: shown(invitation),
      ...actsOn(invitation, at.group),
      sets: setChoices(at.group),
      windows: [
        { value: '', label: this.pages.text(at.options.locale, 'staff.sameExpiry') },
        ...this.pages.windowChoices(at.options.locale, GROUP_WINDOWS),
      ],
    });
  }

  @Post(CHANGE)
  @Page()
  async change(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.groups.mustSee(viewer, ref.id);
    await this.invitationOf(viewer, ref, id);
    const list = `${this.pages.base}${pathOf(ref)}/invitations`;
    return doAndSay(reply, { page: `${list}/${id}/change`, done: `${list}?done=altered` }, async () => {
      const { set, expiresIn } = typed(body, 'set', 'expiresIn');
      const dto = await checked(ChangeGroupInvitationDto, { ...(set === '' ? {} : chosenPermissions(set)), expiresIn });
      await this.commands.execute(new ChangeInvitation(viewer, 'groupMember', id, dto));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for an invitation to another group */
  private async invitationOf(viewer: string, ref: ScopeRef, id: string): Promise<InvitationView> {
    return inPlace(ref, id, async () => this.queries.execute(new GetInvitation(viewer, 'groupMember', id)));
  }
}

/** What the visitor may do with an invitation. Owners without a membership change only invitations of administrators. */
function actsOn(invitation: InvitationView, { administers, appoints, isOpen }: GroupRights) {
  const { state } = invitation;
  const mayAnswerFor = isOpen && appoints;
  const mayGive = mayAnswerFor && (administers || invitation.administrator === true);
  return {
    mayChange: mayGive && state === 'pending',
    mayResend: mayGive && (state === 'pending' || state === 'expired'),
    mayDelete: mayAnswerFor && (state === 'pending' || state === 'expired'),
  };
}

function shown(invitation: InvitationView) {
  return { ...shownInvitation(invitation), menu: `invitation-${invitation.id}`, set: setIn(invitation) };
}
