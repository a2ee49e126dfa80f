import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization, ScopeListDto } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { GetDeployment, ListDeployments } from '../../deployments/deployments.contract.js';
import { ListGroupsWithoutAdministrator } from '../../groups/groups.contract.js';
import { GetOrganisation } from '../../organisations/organisations.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { checked, typed } from '../forms.js';
import { policyLinks } from '../invitation-offer.js';
import { Navigation } from '../navigation.js';
import { WeeksCharts } from '../overview/weeks-charts.js';
import { localeOf } from '../page-language.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import type { TextKey } from '../texts/texts.en.js';
import { pathOf } from './place.js';
import { WaitingInvitations } from './waiting-invitations.js';

/** A list as long as this can be searched. */
const SEARCHED_FROM = 10;

interface ListedDeployments {
  items: { name: string; path: string; archived: boolean; menu: string; mayInvite: boolean }[];
  older: string | null;
  canSearch: boolean;
  /** Whether the visitor may create one. */
  mayCreate: boolean;
}

/** The first pages of an organisation and of a deployment. */
@ApiExcludeController()
@Controller('portal')
export class PlacePagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly waitingInvitations: WaitingInvitations,
    private readonly weeksCharts: WeeksCharts,
  ) {}

  @Get('organisations/:id')
  @Page()
  async organisation(
    @Actor() viewer: string,
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const ref = refOf('organisation', id);
    const dto = await checked(ScopeListDto, typed(query, 'q', 'cursor'));
    const [view, deployments, waiting, charts, orphanGroups, nav] = await Promise.all([
      this.queries.execute(new GetOrganisation(viewer, ref.id)),
      this.deploymentsOf(viewer, ref, dto),
      this.waitingInvitations.in(viewer, ref),
      this.weeksCharts.of(viewer, ref),
      this.queries.execute(new ListGroupsWithoutAdministrator(viewer, ref.id)),
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
        waiting,
        orphanGroups,
        placeName: null,
        charts,
        policies: policyLinks(view),
        q: dto.q ?? '',
      },
    );
  }

  @Get('deployments/:id')
  @Page()
  async deployment(@Actor() viewer: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<string> {
    const ref = refOf('deployment', id);
    const [view, waiting, charts, nav] = await Promise.all([
      this.queries.execute(new GetDeployment(viewer, ref.id)),
      this.waitingInvitations.in(viewer, ref),
      this.weeksCharts.of(viewer, ref),
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
        waiting,
        orphanGroups: [],
        placeName: null,
        charts,
        policies: policyLinks(view),
        q: '',
      },
    );
  }

  /** The organisation's deployments; null for a visitor who may not list them. */
  private async deploymentsOf(viewer: string, ref: ScopeRef, dto: ScopeListDto): Promise<ListedDeployments | null> {
    try {
      const [{ items, nextCursor }, { scope, effectivePermissions }] = await Promise.all([
        this.queries.execute(new ListDeployments(viewer, ref.id, dto)),
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
        canSearch: (dto.q ?? '') !== '' || items.length >= SEARCHED_FROM,
        mayCreate: effectivePermissions.can('deployment.manage') && !scope.archived,
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

function figuresOf(figures: readonly (readonly [label: TextKey, value: number | null | undefined])[]) {
  return figures.flatMap(([label, value]) => (value === null || value === undefined ? [] : [{ label, value }]));
}
