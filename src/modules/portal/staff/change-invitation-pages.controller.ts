import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  changeDto,
  ChangeInvitation,
  GetInvitation,
  type InvitationView,
} from '../../invitations/invitations.contract.js';
import { ChangedRoleDto, STAFF_WINDOWS } from '../../staff/staff.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PeoplePlaces, STAFF } from '../shell/people-place.js';
import { At, inEachPlace, inPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from './done-or-failed.js';
import { shown } from './staff-invitation-pages.controller.js';

const ChangeStaffInvitationDto = changeDto({ body: 'ChangeStaffInvitationDto', fields: ChangedRoleDto }, STAFF_WINDOWS);

/** The form that changes the role or the expiry of a pending invitation. */
@ApiExcludeController()
@Controller()
export class ChangeInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  @Get(inEachPlace('staff/invitations/:invitationId/change'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    // One after the other: whichever refused first would tell whether there is such a thing.
    const [at, roles] = await Promise.all([
      this.places.at(viewer, ref, request, STAFF),
      this.places.rolesOf(viewer, ref),
    ]);
    const invitation = await this.invitationOf(viewer, ref, id);
    const { locale } = at.options;
    const assignable = roles.filter(({ grantable }) => grantable);
    const mayChange =
      at.mayManage && invitation.state === 'pending' && assignable.some((role) => role.id === invitation.role);
    return this.pages.render('staff-invitation-change', at.options, {
      ...at,
      said: saidBy(typed(query, 'done', 'failed')),
      invitation: shown(invitation),
      mayChange,
      choices: assignable.map((role) => ({ value: role.id, label: role.name })),
      windows: [
        { value: '', label: this.pages.text(locale, 'staff.sameExpiry') },
        ...this.pages.windowChoices(locale, STAFF_WINDOWS),
      ],
    });
  }

  @Post(inEachPlace('staff/invitations/:invitationId/change'))
  @Page()
  async change(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.invitationOf(viewer, ref, id);
    const list = url.slice(0, url.lastIndexOf(`/${id}/change`));
    const { base } = this.pages;
    return doAndSay(reply, { page: `${base}${list}/${id}/change`, done: `${base}${list}?done=altered` }, async () => {
      const dto = await checked(ChangeStaffInvitationDto, typed(body, 'role', 'expiresIn'));
      await this.commands.execute(new ChangeInvitation(viewer, 'staff', id, dto));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for an invitation to another place */
  private async invitationOf(viewer: string, ref: ScopeRef, id: string): Promise<InvitationView> {
    return inPlace(ref, id, async () => this.queries.execute(new GetInvitation(viewer, 'staff', id)));
  }
}
