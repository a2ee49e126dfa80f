import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page as ListPage } from '../../../shared/http/lists/pagination.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { EndMembership, GetMember, ListMembers, type WithinParameter } from '../../invitations/invitations.contract.js';
import {
  ChangeRole,
  ChangeRoleDto,
  EndMembershipDto,
  StaffListDto,
  type StaffMemberView,
} from '../../staff/staff.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PeoplePlaces, STAFF } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace, inPlace } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from './done-or-failed.js';
import { partOf, staffTabs } from './staff-tabs.js';

/** The staff of a place, and the profile of each member. */
@ApiExcludeController()
@Controller()
export class StaffPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  @Get(inEachPlace('staff'))
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { q, role, sort, cursor, where, ...said } = typed(
      query,
      'q',
      'role',
      'sort',
      'cursor',
      'where',
      'done',
      'failed',
    );
    const part = partOf(ref, where);
    const dto: StaffListDto & WithinParameter = await checked(StaffListDto, { q, role, sort, cursor });
    if (part === 'all') dto.within = 'all';
    const [at, roles, members] = await Promise.all([
      this.places.at(viewer, ref, request, STAFF),
      this.places.rolesOf(viewer, ref),
      this.queries.execute(new ListMembers(viewer, 'staff', ref, dto)) as Promise<ListPage<StaffMemberView>>,
    ]);
    return this.pages.render('staff', at.options, {
      ...at,
      roles,
      tabs: staffTabs(ref, 'users'),
      said: saidBy(said),
      part,
      members: members.items.map((member, n) => ({
        ...shown(member),
        menu: `member-${String(n)}`,
        profile: `${pathOf(member.scope)}/staff/${member.id}`,
      })),
      older: members.nextCursor,
      q,
      role,
      sort: dto.sort,
    });
  }

  @Get(inEachPlace('staff/:memberId'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    // One after the other: whichever refused first would tell whether there is such a thing.
    const [at, roles] = await Promise.all([
      this.places.at(viewer, ref, request, STAFF),
      this.places.rolesOf(viewer, ref),
    ]);
    const member = await this.memberOf(viewer, ref, memberId);
    const isOwn = member.personId === viewer;
    // To change a role or to remove its holder, the visitor must be allowed to give it.
    const mayChange = at.mayManage && !isOwn && roles.some(({ id, grantable }) => id === member.role && grantable);
    return this.pages.render('staff-member', at.options, {
      ...at,
      said: saidBy(typed(query, 'done', 'failed')),
      member: shown(member),
      isOwn,
      mayChange,
      mayLeave: isOwn && !at.place.archived,
      choices: roles.filter(({ grantable }) => grantable).map(({ id, name }) => ({ value: id, label: name })),
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['role', 'end'].flatMap((form) => inEachPlace(`staff/:memberId/${form}`)))
  @Page()
  toTheForms(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${url.replace(/\/(?:role|end)(?:\?.*)?$/, '')}`);
  }

  @Post(inEachPlace('staff/:memberId/role'))
  @Page()
  async changeRole(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = request.url.replace(/\/role$/, '');
    await this.memberOf(viewer, ref, memberId);
    const form = `${this.pages.base}${page}`;
    return doAndSay(reply, { page: form, done: `${form}?done=changed` }, async () => {
      const dto = await checked(ChangeRoleDto, typed(body, 'role', 'reason'));
      await this.commands.execute(new ChangeRole(viewer, memberId, dto));
      await this.writes.shown();
    });
  }

  @Post(inEachPlace('staff/:memberId/end'))
  @Page()
  async end(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = request.url.replace(/\/end$/, '');
    const { personId } = await this.memberOf(viewer, ref, memberId);
    const { reason, keepGroups } = typed(body, 'reason', 'keepGroups');
    // A person who left may see the list no more.
    const after = personId === viewer ? '/' : `${page.slice(0, page.lastIndexOf('/'))}?done=removed`;
    const { base } = this.pages;
    return doAndSay(reply, { page: `${base}${page}`, done: `${base}${after}` }, async () => {
      const options = Object.assign(await checked(EndMembershipDto, { reason }), { keepGroups: keepGroups !== '' });
      await this.commands.execute(new EndMembership(viewer, 'staff', memberId, options));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for a member of another place */
  private async memberOf(viewer: string, ref: ScopeRef, memberId: string): Promise<StaffMemberView> {
    return inPlace(
      ref,
      memberId,
      async (id) => this.queries.execute(new GetMember(viewer, 'staff', id)) as Promise<StaffMemberView>,
    );
  }
}

function shown({ name = null, email = null, ...member }: StaffMemberView) {
  return { ...member, name, email, initials: initialsOf(name ?? email) };
}
