import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { MemberListDto } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  ChangePermissions,
  ChangePermissionsDto,
  GetGroup,
  GetGroupMember,
  type GroupMemberView,
} from '../../groups/groups.contract.js';
import { EndMembership, ListMembers } from '../../invitations/invitations.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf } from '../shell/place.js';
import { At, inGroup } from '../shell/place-routes.js';
import { initialsOf } from '../shell/shell.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { type GroupRights, groupTabs } from './group-rights.js';
import { chosenPermissions, setChoices, setIn } from './permission-sets.js';
import { PortalGroups } from './portal-groups.js';

const MEMBER = inGroup('members/:memberId');
const SORTS = ['since', 'name', 'email'] as const;

/** The members of a group, which are its first page, and the page of each. */
@ApiExcludeController()
@Controller()
export class GroupMemberPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly groups: PortalGroups,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  @Get('portal/groups/:id')
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { q, sort, cursor, ...said } = typed(query, 'q', 'sort', 'cursor', 'done', 'failed');
    const dto = await checked(MemberListDto, { q, sort, cursor, total: 'true' });
    const at = await this.groups.at(viewer, ref.id, request);
    const [group, members] = await Promise.all([
      this.queries.execute(new GetGroup(viewer, ref.id)),
      this.queries.execute(new ListMembers(viewer, 'groupMember', ref, dto)) as Promise<CountedPage<GroupMemberView>>,
    ]);
    return this.pages.render('group', at.options, {
      ...at,
      tabs: groupTabs(at.path, at.group, 'members'),
      said: saidBy(said, 'groups'),
      description: group.description,
      withoutAdministrator: group.withoutAdministrator === true,
      sorts: SORTS,
      sort: dto.sort,
      q,
      total: members.total ?? 0,
      members: members.items.map((member) => ({ ...shown(member), ...actsOn(member, viewer, at.group) })),
      older: members.nextCursor === null ? null : `${at.path}?${queryOf({ q, sort, cursor: members.nextCursor })}`,
    });
  }

  @Get(MEMBER)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    const member = await this.memberOf(viewer, ref, memberId);
    return this.pages.render('group-member', at.options, {
      ...at,
      said: saidBy(typed(query, 'done', 'failed'), 'groups'),
      member: shown(member),
      ...actsOn(member, viewer, at.group),
      sets: setChoices(at.group),
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['set', 'end'].map((form) => `${MEMBER}/${form}`))
  @Page()
  toTheMember(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${url.replace(/\/(?:set|end)(?:\?.*)?$/, '')}`);
  }

  @Post(`${MEMBER}/set`)
  @Page()
  async changeSet(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.memberOf(viewer, ref, memberId);
    const page = `${this.pages.base}${pathOf(ref)}/members/${memberId}`;
    return doAndSay(reply, { page, done: `${page}?done=set-changed` }, async () => {
      const { set, reason } = typed(body, 'set', 'reason');
      const dto = await checked(ChangePermissionsDto, { ...chosenPermissions(set), reason });
      await this.commands.execute(new ChangePermissions(viewer, memberId, dto));
      await this.writes.shown();
    });
  }

  @Post(`${MEMBER}/end`)
  @Page()
  async end(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { personId } = await this.memberOf(viewer, ref, memberId);
    const { base } = this.pages;
    const group = `${base}${pathOf(ref)}`;
    // A person who left may see the group no more.
    const done = personId === viewer ? `${base}/` : `${group}?done=member-removed`;
    return doAndSay(reply, { page: `${group}/members/${memberId}`, done }, async () => {
      const options = await checked(ReasonDto, typed(body, 'reason'));
      await this.commands.execute(new EndMembership(viewer, 'groupMember', memberId, options));
      await this.writes.shown();
    });
  }

  /** @throws RuleBroken `not-found` also for a member of another group */
  private async memberOf(viewer: string, { id }: ScopeRef, memberId: string): Promise<GroupMemberView> {
    if (!isUUID(memberId)) throw new RuleBroken('not-found');
    return this.queries.execute(new GetGroupMember(viewer, id, memberId.toLowerCase()));
  }
}

/** What the visitor may do with a member. Nobody changes their own set. */
function actsOn(member: GroupMemberView, viewer: string, { administers, appoints, isOwner, isOpen }: GroupRights) {
  const isOwn = member.personId === viewer;
  return {
    isOwn,
    mayChange: !isOwn && administers && isOpen,
    // Administrators choose among all sets. Owners without a membership only appoint.
    mayAppoint: !isOwn && !administers && isOwner && isOpen && !member.administrator,
    appointedSet: setIn({ administrator: true, contentCreator: member.contentCreator }),
    mayRemove: !isOwn && appoints && isOpen,
    mayLeave: isOwn && isOpen,
  };
}

function shown({ name = null, email = null, ...member }: GroupMemberView) {
  return {
    ...member,
    name,
    email,
    title: name ?? email,
    initials: initialsOf(name ?? email),
    menu: `member-${member.id}`,
    set: setIn(member),
  };
}
