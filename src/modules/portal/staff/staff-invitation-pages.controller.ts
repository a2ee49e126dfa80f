import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor, MaybeActor } from '../../accounts/accounts.contract.js';
import {
  InvitationListDto,
  type InvitationView,
  ListInvitations,
  ResendInvitation,
  RevokeInvitation,
  type WithinParameter,
} from '../../invitations/invitations.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from './done-or-failed.js';
import { partOf, StaffPlaces, staffTabs } from './staff-place.js';

const STATES = ['pending', 'expired', 'accepted', 'declined', 'revoked'] as const;

/** The invitations of staff to a place, and the menu of each. */
@ApiExcludeController()
@Controller()
export class StaffInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: StaffPlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Without a state in the address, the list shows the pending ones. */
  @Get(inEachPlace('staff/invitations'))
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
      role,
      cursor,
      where,
      ...said
    } = typed(query, 'state', 'q', 'role', 'cursor', 'where', 'done', 'failed', 'count', 'refused');
    const state = query.state === undefined ? 'pending' : chosen;
    const part = partOf(ref, where);
    const dto: InvitationListDto & WithinParameter = await checked(InvitationListDto, { state, q, role, cursor });
    if (part === 'all') dto.within = 'all';
    const [at, invitations] = await Promise.all([
      this.places.at(viewer, ref, request),
      this.queries.execute(new ListInvitations(viewer, 'staff', ref, dto)),
    ]);
    const assignable = new Set(at.roles.filter(({ grantable }) => grantable).map(({ id }) => id));
    const shownOnes = invitations.items.map((invitation, n) => ({
      ...shown(invitation),
      menu: `invitation-${String(n)}`,
      own: `${pathOf(invitation.scope)}/staff/invitations/${invitation.id}`,
      // The roles of a deployment are not read here, so its own page says which of them the visitor may change.
      mayChange:
        at.mayManage &&
        (invitation.state === 'pending' || invitation.state === 'expired') &&
        (invitation.scope.id !== ref.id || assignable.has(invitation.role ?? '')),
    }));
    return this.pages.render('staff-invitations', at.options, {
      ...at,
      tabs: staffTabs(at, 'invites'),
      said: saidBy(said),
      states: STATES,
      state,
      q,
      role,
      part,
      older: invitations.nextCursor,
      maySelect: shownOnes.some(({ mayChange }) => mayChange),
      invitations: shownOnes,
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['resend', 'delete'].flatMap((form) => inEachPlace(`staff/invitations/:invitationId/${form}`)))
  @Page()
  toTheList(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${listOf(url)}`);
  }

  @Post(inEachPlace('staff/invitations/:invitationId/resend'))
  @Page()
  async resend(
    @MaybeActor() viewer: string,
    @Param('invitationId') id: string,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(viewer, id, url, reply, 'resent', async (actor) =>
      this.commands.execute(new ResendInvitation(actor, 'staff', id, undefined)),
    );
  }

  @Post(inEachPlace('staff/invitations/:invitationId/delete'))
  @Page()
  async delete(
    @Actor() viewer: string,
    @Param('invitationId') id: string,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(viewer, id, url, reply, 'deleted', async (actor) =>
      this.commands.execute(new RevokeInvitation(actor, 'staff', id)),
    );
  }

  private async change(
    viewer: string,
    id: string,
    url: string,
    reply: FastifyReply,
    done: string,
    work: (actor: string) => Promise<unknown>,
  ): Promise<string> {
    const list = listOf(url);
    if (!isUUID(id)) throw new RuleBroken('not-found');
    const page = `${this.pages.base}${list}`;
    return doAndSay(reply, { page, done: `${page}?done=${done}` }, async () => {
      await work(viewer);
      await this.writes.shown();
    });
  }
}

/** The path of the list, from the address of a form of one of its rows. */
function listOf(url: string): string {
  return url.slice(0, url.indexOf('/staff/invitations') + '/staff/invitations'.length);
}

export function shown(invitation: InvitationView) {
  const { email = null, pseudonym = '', roleName = '' } = invitation;
  return { ...invitation, roleName, title: email ?? pseudonym, initials: initialsOf(email) };
}
