import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ChangeGroup, EditGroupDto, GetGroup } from '../../groups/groups.contract.js';
import { mustBeValid, typed, type BadField } from '../forms.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf } from '../shell/place.js';
import { At, inGroup } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { PROFILE_FIELDS, profileErrors, profileOf, type ProfileFields } from './group-profile.js';
import { groupTabs } from './group-rights.js';
import { PortalGroups } from './portal-groups.js';

const SETTINGS = inGroup('settings');
const DELETE = inGroup('delete');

/** The name and description of a group, for its administrators, and its deletion, for owners of the organisation. */
@ApiExcludeController()
@Controller()
export class GroupSettingsPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly groups: PortalGroups,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(SETTINGS)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.render(viewer, ref, request, query, null, []);
  }

  @Post(SETTINGS)
  @Page()
  async edit(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const fields = typed(body, ...PROFILE_FIELDS);
    const settings = `${this.pages.base}${pathOf(ref)}/settings`;
    try {
      const dto = await mustBeValid(EditGroupDto, profileOf(fields));
      return await doAndSay(reply, { page: settings, done: `${settings}?done=saved` }, async () => {
        await this.commands.execute(new ChangeGroup(viewer, ref.id, { kind: 'edit', dto }));
        await this.writes.shown();
      });
    } catch (error) {
      const errors = profileErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render(viewer, ref, request, {}, fields, errors);
    }
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(DELETE)
  @Page()
  toTheSettings(@At() ref: ScopeRef, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pathOf(ref)}/settings`);
  }

  @Post(DELETE)
  @Page()
  async delete(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { base } = this.pages;
    const { organisationId } = await this.queries.execute(new GetGroup(viewer, ref.id));
    const list = `${base}${pathOf({ kind: 'organisation', id: organisationId })}/groups`;
    return doAndSay(
      reply,
      { page: `${base}${pathOf(ref)}/settings`, done: `${list}?state=deleted&done=group-deleted` },
      async () => {
        await this.commands.execute(new ChangeGroup(viewer, ref.id, { kind: 'delete' }));
        await this.writes.shown();
      },
    );
  }

  private async render(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    query: unknown,
    typedFields: ProfileFields | null,
    errors: BadField[],
  ): Promise<string> {
    const at = await this.groups.at(viewer, ref.id, request);
    if (!at.group.appoints) throw new RuleBroken('forbidden');
    const { name, description } = await this.queries.execute(new GetGroup(viewer, ref.id));
    return this.pages.render(
      'group-settings',
      { ...at.options, errors },
      {
        ...at,
        tabs: groupTabs(at.path, at.group, 'settings'),
        said: saidBy(typed(query, 'done', 'failed'), 'groups'),
        fields: typedFields ?? { name, description: description ?? '' },
        mayEdit: at.group.administers && at.group.isOpen,
        mayDelete: at.group.isOwner && at.group.isOpen,
      },
    );
  }
}
