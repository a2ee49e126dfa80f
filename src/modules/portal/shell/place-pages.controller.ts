import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { DEFAULT_LIMIT } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';
import { GetDeployment, ListDeployments } from '../../deployments/deployments.contract.js';
import { GetOrganisation, ListOrganisations } from '../../organisations/organisations.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { typed } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import type { TextKey } from '../texts/texts.en.js';
import { pathOf } from './place.js';
import { WaitingStaff } from './waiting-staff.js';

/** A list as long as this can be searched. */
const SEARCHED_FROM = 10;

interface ListedDeployments {
  items: { name: string; path: string; archived: boolean; menu: string; mayInvite: boolean }[];
  older: string | null;
  canSearch: boolean;
}

/** The first pages of places: the organisations of the platform, an organisation, a deployment. */
@ApiExcludeController()
@Controller('portal')
export class PlacePagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly waitingStaff: WaitingStaff,
  ) {}

  @Get('platform')
  @Page()
  async platform(@Actor() viewer: string, @Query() query: unknown, @Req() request: FastifyRequest): Promise<string> {
    const { effectivePermissions } = await this.authorization.requireInsider(viewer, PLATFORM);
    const mayInvite = effectivePermissions.can('staff.manage');
    const { q, cursor } = typed(query, 'q', 'cursor');
    const [nav, { items, nextCursor }] = await Promise.all([
      this.navigation.of(viewer, pathOf(PLATFORM), PLATFORM),
      this.queries.execute(new ListOrganisations(viewer, pageOf(q, cursor))),
    ]);
    const found = items.map(({ id, name, viewType, archived }) => ({
      menu: `menu-${id}`,
      mayInvite: mayInvite && !archived,
      name,
      viewType,
      archived,
      path: pathOf({ kind: 'organisation', id }),
    }));
    return this.pages.render('platform', { locale: localeOf(request), nav }, { q, found, older: nextCursor });
  }

  @Get('organisations/:id')
  @Page()
  async organisation(
    @Actor() viewer: string,
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const ref = refOf('organisation', id);
    const { q, cursor } = typed(query, 'q', 'cursor');
    const [view, deployments, staff, nav] = await Promise.all([
      this.queries.execute(new GetOrganisation(viewer, ref.id)),
      this.deploymentsOf(viewer, ref, q, cursor),
      this.waitingStaff.in(viewer, ref),
      this.navigation.of(viewer, pathOf(ref), ref),
    ]);
    return this.pages.render(
      'place',
      { locale: localeOf(request), nav },
      {
        place: nav.place,
        figures: figuresOf([
          ['place.plannedPatients', view.targets.patients],
          ['place.plannedStaff', view.targets.staff],
        ]),
        deployments,
        staff,
        policies: policiesOf(view),
        q,
      },
    );
  }

  @Get('deployments/:id')
  @Page()
  async deployment(@Actor() viewer: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<string> {
    const ref = refOf('deployment', id);
    const [view, staff, nav] = await Promise.all([
      this.queries.execute(new GetDeployment(viewer, ref.id)),
      this.waitingStaff.in(viewer, ref),
      this.navigation.of(viewer, pathOf(ref), ref),
    ]);
    const { patients, staff: headcount, targets } = view;
    return this.pages.render(
      'place',
      { locale: localeOf(request), nav },
      {
        place: nav.place,
        figures: figuresOf([
          ['place.patients', patients],
          ['place.plannedPatients', targets.patients],
          ['place.staff', headcount],
          ['place.plannedStaff', targets.staff],
        ]),
        deployments: null,
        staff,
        policies: policiesOf(view),
        q: '',
      },
    );
  }

  /** The organisation's deployments; null for a visitor who may not list them. */
  private async deploymentsOf(
    viewer: string,
    ref: ScopeRef,
    q: string,
    cursor: string,
  ): Promise<ListedDeployments | null> {
    try {
      const [{ items, nextCursor }, { effectivePermissions }] = await Promise.all([
        this.queries.execute(new ListDeployments(viewer, ref.id, pageOf(q, cursor))),
        this.authorization.evaluate(viewer, ref),
      ]);
      return {
        items: items.map((item) => ({
          menu: `menu-${item.id}`,
          // A role at the organisation holds in its deployments.
          mayInvite: effectivePermissions.can('staff.manage') && !item.archived,
          name: item.name,
          archived: item.archived,
          path: pathOf({ kind: 'deployment', id: item.id }),
        })),
        older: nextCursor,
        canSearch: q !== '' || items.length >= SEARCHED_FROM,
      };
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'forbidden') return null;
      throw error;
    }
  }
}

/** @throws RuleBroken `not-found` for an id that is none */
function refOf(kind: ScopeRef['kind'], id: string): ScopeRef {
  if (!isUUID(id)) throw new RuleBroken('not-found');
  return { kind, id: id.toLowerCase() };
}

function pageOf(q: string, cursor: string) {
  return { q, limit: DEFAULT_LIMIT, cursor: cursor === '' ? undefined : cursor };
}

function figuresOf(figures: readonly (readonly [label: TextKey, value: number | null | undefined])[]) {
  return figures.flatMap(([label, value]) => (value === null || value === undefined ? [] : [{ label, value }]));
}

function policiesOf({ privacyPolicyUrl, termsUrl }: { privacyPolicyUrl: string | null; termsUrl: string | null }) {
  const policies: [label: TextKey, href: string | null][] = [
    ['place.privacyPolicy', privacyPolicyUrl],
    ['place.terms', termsUrl],
  ];
  return policies.flatMap(([label, href]) => (href === null ? [] : [{ label, href }]));
}
