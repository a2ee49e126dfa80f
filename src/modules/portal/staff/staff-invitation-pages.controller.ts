import { Controller, Get, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  InvitationListDto,
  type InvitationView,
  ListInvitations,
  type WithinParameter,
} from '../../invitations/invitations.contract.js';
import { checked, typed } from '../forms.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { PeoplePlaces, STAFF } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { saidBy } from './done-or-failed.js';
import { partOf, staffTabs } from './staff-tabs.js';

const STATES = ['pending', 'expired', 'accepted', 'declined', 'revoked'] as const;

/** The invitations of staff to a place. */
@ApiExcludeController()
@Controller()
export class StaffInvitationPagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
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
      mail,
      cursor,
      where,
      ...said
    } = typed(query, 'state', 'q', 'role', 'mail', 'cursor', 'where', 'done', 'failed', 'count', 'refused');
    const state = query.state === undefined ? 'pending' : chosen;
    const part = partOf(ref, where);
    const dto: InvitationListDto & WithinParameter = await checked(InvitationListDto, { state, q, role, mail, cursor });
    if (part === 'all') dto.within = 'all';
    const [at, roles, invitations] = await Promise.all([
      this.places.at(viewer, ref, request, STAFF),
      this.places.rolesOf(viewer, ref),
      this.queries.execute(new ListInvitations(viewer, 'staff', ref, dto)),
    ]);
    const assignable = new Set(roles.filter(({ grantable }) => grantable).map(({ id }) => id));
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
      roles,
      tabs: staffTabs(ref, 'invites'),
      said: saidBy(said),
      states: STATES,
      state,
      q,
      role,
      mail,
      part,
      older: invitations.nextCursor,
      maySelect: shownOnes.some(({ mayChange }) => mayChange),
      invitations: shownOnes,
    });
  }
}

export function shown(invitation: InvitationView) {
  const { email = null, pseudonym = '', roleName = '' } = invitation;
  const { nextTryAt = null } = invitation.mail;
  return {
    ...invitation,
    mail: { ...invitation.mail, nextTryAt },
    roleName,
    title: email ?? pseudonym,
    initials: initialsOf(email),
  };
}
