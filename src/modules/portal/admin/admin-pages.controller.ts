import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization, ScopeListDto } from '../../access/access.contract.js';
import { type EffectivePermissions, PLATFORM } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ListAllDeployments } from '../../deployments/deployments.contract.js';
import { ListOrganisations } from '../../organisations/organisations.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { type ProfiledKind, rightsIn } from '../settings/place-rights.js';
import { ProfiledPlaces } from '../settings/profiled-places.js';
import { pathOf } from '../shell/place.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';

const ORGANISATIONS = pathOf(PLATFORM);
const DEPLOYMENTS = `${ORGANISATIONS}/deployments`;
const LISTS: Readonly<Record<ProfiledKind, string>> = { organisation: ORGANISATIONS, deployment: DEPLOYMENTS };
/** The filter of states, as the API takes it. */
const STATES: ReadonlyMap<string, 'true' | 'false'> = new Map([
  ['active', 'false'],
  ['archived', 'true'],
]);

/** A place in a list, with the items of its menu. */
interface Row {
  kind: ProfiledKind;
  id: string;
  name: string;
  path: string;
  archived: boolean;
  /** The id of its menu. */
  menu: string;
  hasMenu: boolean;
  may: Record<'invite' | 'create' | 'settings' | 'archive' | 'restore', boolean>;
}

/** The Admin portal: all organisations, and the deployments of all of them. */
@ApiExcludeController()
@Controller()
export class AdminPagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly places: ProfiledPlaces,
    private readonly pages: Pages,
  ) {}

  @Get(ORGANISATIONS)
  @Page()
  async organisations(
    @Actor() viewer: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { effectivePermissions } = await this.authorization.requireInsider(viewer, PLATFORM);
    const { done, failed, ...filters } = typed(query, 'q', 'cursor', 'done', 'failed');
    const dto = await checked(ScopeListDto, filters);
    const [nav, { items, nextCursor }] = await Promise.all([
      this.navigation.of(viewer, ORGANISATIONS, PLATFORM),
      this.queries.execute(new ListOrganisations(viewer, dto)),
    ]);
    return this.pages.render(
      'admin-organisations',
      { locale: localeOf(request), nav },
      {
        q: dto.q ?? '',
        state: '',
        said: saidBy({ done, failed }),
        mayCreate: effectivePermissions.can('organisation.create'),
        rows: items.map((item) => ({
          ...rowOf('organisation', item, effectivePermissions),
          viewType: item.viewType,
        })),
        older: nextCursor,
      },
    );
  }

  @Get(DEPLOYMENTS)
  @Page()
  async deployments(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const { effectivePermissions } = await this.authorization.requireInsider(viewer, PLATFORM);
    const { state, done, failed, ...filters } = typed(query, 'q', 'state', 'cursor', 'done', 'failed');
    const dto = await checked(ScopeListDto, filters);
    const [nav, { items, nextCursor }] = await Promise.all([
      this.navigation.of(viewer, DEPLOYMENTS, PLATFORM),
      this.queries.execute(new ListAllDeployments(viewer, Object.assign(dto, { archived: STATES.get(state) }))),
    ]);
    return this.pages.render(
      'admin-deployments',
      { locale: localeOf(request), nav },
      {
        q: dto.q ?? '',
        state,
        states: [...STATES.keys()],
        said: saidBy({ done, failed }),
        rows: items.map(({ organisation: { id, name, archived }, ...item }) => ({
          ...rowOf('deployment', item, effectivePermissions, archived),
          organisation: { name, archived, path: pathOf({ kind: 'organisation', id }) },
        })),
        older: nextCursor,
      },
    );
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get([...formsOf('organisation'), ...formsOf('deployment')])
  @Page()
  toTheList(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${LISTS[url.startsWith(DEPLOYMENTS) ? 'deployment' : 'organisation']}`);
  }

  @Post(formsOf('organisation'))
  @Page()
  async changeOrganisation(
    @Actor() viewer: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(viewer, 'organisation', id, body, request, reply);
  }

  @Post(formsOf('deployment'))
  @Page()
  async changeDeployment(
    @Actor() viewer: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.change(viewer, 'deployment', id, body, request, reply);
  }

  /** Archives or restores a place of a list, and returns to the list with its filters. */
  private async change(
    viewer: string,
    kind: ProfiledKind,
    id: string,
    body: unknown,
    { url }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    await this.authorization.requireInsider(viewer, PLATFORM);
    if (!isUUID(id)) throw new RuleBroken('not-found');
    const what = url.endsWith('/restore') ? 'restore' : 'archive';
    const { q, state } = typed(body, 'q', 'state');
    const list = `${this.pages.base}${LISTS[kind]}?${queryOf({ q, state })}`;
    return doAndSay(reply, { page: list, done: `${list}&done=${what}d` }, async () =>
      this.places.change(viewer, { kind, id: id.toLowerCase() }, what),
    );
  }
}

function formsOf(kind: ProfiledKind): string[] {
  return ['archive', 'restore'].map((what) => `${ORGANISATIONS}/${kind}s/:id/${what}`);
}

/** @param isShutAbove whether its organisation is archived, so that it cannot be restored by itself */
function rowOf(
  kind: ProfiledKind,
  { id, name, archived }: { id: string; name: string; archived: boolean },
  effectivePermissions: EffectivePermissions,
  isShutAbove = false,
): Row {
  const { edit, archive, restore } = rightsIn(kind, effectivePermissions);
  const isOpen = !archived;
  const may = {
    invite: isOpen && effectivePermissions.can('staff.manage'),
    create: isOpen && kind === 'organisation' && effectivePermissions.can('deployment.manage'),
    settings: edit || archive || restore,
    archive: isOpen && archive,
    restore: archived && restore && !isShutAbove,
  };
  const hasMenu = Object.values(may).includes(true);
  return { kind, id, name, archived, path: pathOf({ kind, id }), menu: `menu-${id}`, hasMenu, may };
}
