import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import type { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  administersAccount,
  ChangeGroup,
  CreateGroup,
  CreateGroupDto,
  GetGroup,
  GroupListDto,
  ListGroups,
} from '../../groups/groups.contract.js';
import { checked, mustBeValid, queryOf, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf, placeView } from '../shell/place.js';
import { At, inGroup } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import { PROFILE_FIELDS, profileErrors, profileOf, type ProfileFields } from './group-profile.js';

const LIST = 'portal/organisations/:id/groups';
const RESTORE = inGroup('restore');

/** The groups of an organisation, the form that creates one, and the button that restores a deleted one. */
@ApiExcludeController()
@Controller()
export class GroupListPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(LIST)
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { q, state, cursor, ...said } = typed(query, 'q', 'state', 'cursor', 'done', 'failed');
    const dto = await checked(GroupListDto, { q, state, cursor, total: 'true' });
    const groups = await this.queries.execute(new ListGroups(viewer, ref.id, dto));
    const [{ scope, effectivePermissions }, nav] = await Promise.all([
      this.authorization.evaluate(viewer, ref),
      this.navigation.of(viewer, `${pathOf(ref)}/groups`, ref),
    ]);
    const path = `${pathOf(ref)}/groups`;
    const isOwner = administersAccount(effectivePermissions.roles);
    return this.pages.render(
      'groups',
      { locale: localeOf(request), nav },
      {
        path,
        place: placeView(scope),
        said: saidBy(said, 'groups'),
        mayCreate: effectivePermissions.can('groups.create') && !scope.archived,
        isOwner,
        mayRestore: isOwner && !scope.archived,
        isAboutDeleted: dto.state === 'deleted',
        state: dto.state,
        q,
        total: groups.total ?? 0,
        isMore: groups.totalIsAtLeast === true,
        groups: groups.items.map(({ deletedAt, restorableUntil, withoutAdministrator, ...group }) => ({
          ...group,
          menu: `group-${group.id}`,
          groupPath: pathOf({ kind: 'group', id: group.id }),
          restorableUntil: restorableUntil ?? null,
          withoutAdministrator: withoutAdministrator === true && deletedAt === undefined,
        })),
        older: groups.nextCursor === null ? null : `${path}?${queryOf({ q, state, cursor: groups.nextCursor })}`,
      },
    );
  }

  @Get(`${LIST}/new`)
  @Page()
  async show(@Actor() viewer: string, @At() ref: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    return this.form(viewer, ref, request, { name: '', description: '' }, []);
  }

  @Post(`${LIST}/new`)
  @Page()
  async create(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const fields = typed(body, ...PROFILE_FIELDS);
    try {
      const dto = await mustBeValid(CreateGroupDto, profileOf(fields));
      const { id } = await this.commands.execute(new CreateGroup(viewer, ref.id, dto));
      await this.writes.shown();
      return goTo(reply, `${this.pages.base}${pathOf({ kind: 'group', id })}?done=created`);
    } catch (error) {
      const errors = profileErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.form(viewer, ref, request, fields, errors);
    }
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(RESTORE)
  @Page()
  toTheGroup(@At() ref: ScopeRef, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${pathOf(ref)}`);
  }

  @Post(RESTORE)
  @Page()
  async restore(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { base } = this.pages;
    const { organisationId } = await this.queries.execute(new GetGroup(viewer, ref.id));
    const deleted = `${base}${pathOf({ kind: 'organisation', id: organisationId })}/groups?state=deleted`;
    return doAndSay(reply, { page: deleted, done: `${base}${pathOf(ref)}?done=restored` }, async () => {
      await this.commands.execute(new ChangeGroup(viewer, ref.id, { kind: 'restore' }));
      await this.writes.shown();
    });
  }

  private async form(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    fields: ProfileFields,
    errors: BadField[],
  ): Promise<string> {
    const [{ scope }, nav] = await Promise.all([
      this.authorization.requirePreview(viewer, 'groups.create', ref),
      this.navigation.of(viewer, `${pathOf(ref)}/groups`, ref),
    ]);
    return this.pages.render(
      'group-new',
      { locale: localeOf(request), errors, nav },
      { place: placeView(scope), path: `${pathOf(ref)}/groups`, fields },
    );
  }
}
