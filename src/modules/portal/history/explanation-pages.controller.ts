import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  AccessChangesDto,
  ExplainAccess,
  ExplanationDto,
  type ExplanationView,
  type GrantName,
  ListAccessSteps,
} from '../../history/history.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OBSERVERS, PATIENTS, type PeoplePlace, PeoplePlaces, STAFF, type Subject } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace } from '../shell/place-routes.js';
import { accessChart } from './access-chart.js';
import { explanationTree } from './explanation-tree.js';
import { HISTORY } from './history-pages.controller.js';
import { permissionLabels } from './permission-labels.js';

/** Why somebody may do something in a place, and what one person might do there over time. */
@ApiExcludeController()
@Controller()
export class ExplanationPagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get(inEachPlace('access/:grantId/why'))
  @Page()
  async ofGrant(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('grantId') grantId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.why(viewer, ref, { grant: grantId }, HISTORY, query, request);
  }

  @Get(inEachPlace('staff/:memberId/why'))
  @Page()
  async ofMember(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') membership: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.why(viewer, ref, { membership, category: 'staff' }, STAFF, query, request);
  }

  @Get('portal/deployments/:id/observers/:observerId/why')
  @Page()
  async ofObserver(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('observerId') membership: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.why(viewer, ref, { membership, category: 'observer' }, OBSERVERS, query, request);
  }

  @Get('portal/deployments/:id/patients/:patientId/why')
  @Page()
  async ofPatient(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('patientId') membership: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.why(viewer, ref, { membership, category: 'patient' }, PATIENTS, query, request);
  }

  @Get(inEachPlace('access/over-time'))
  @Page()
  async overTime(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { person, cursor } = typed(query, 'person', 'cursor');
    const dto = await checked(AccessChangesDto, { person, cursor, limit: String(MAX_LIMIT) });
    const at = await this.places.at(viewer, ref, request, HISTORY);
    const page = await this.queries.execute(new ListAccessSteps(viewer, ref, dto));
    const more = page.nextCursor === null ? null : queryOf({ person, cursor: page.nextCursor });
    // A page that isn't the last one ends with its last step.
    const end = more === null ? this.clock.now().toISOString() : (page.items.at(-1)?.at ?? '');
    const { locale } = at.options;
    return this.pages.render('access-over-time', at.options, {
      ...at,
      of: page.person?.name ?? '–',
      person,
      chart: accessChart(page.items, end),
      steps: page.items.map(({ gained, lost, permissions, ...step }) => ({
        ...step,
        gained: permissionLabels(this.pages, gained, locale),
        lost: permissionLabels(this.pages, lost, locale),
        count: permissions.length,
      })),
      older: more === null ? null : `${pathOf(ref)}/access/over-time?${more}`,
    });
  }

  private async why(
    viewer: string,
    ref: ScopeRef,
    name: GrantName,
    subject: Subject,
    query: unknown,
    request: FastifyRequest,
  ): Promise<string> {
    const { number } = typed(query, 'number');
    const instant = await checked(ExplanationDto, { number });
    const at = await this.places.at(viewer, ref, request, subject);
    const { locale } = at.options;
    if (!isUUID('grant' in name ? name.grant : name.membership)) throw new RuleBroken('not-found');
    const explanation = await this.queries.execute(new ExplainAccess(viewer, name, instant, locale));
    mustBeShownIn(at, explanation);
    const { grant } = explanation;
    const isRead = at.effectivePermissions.can('audit.view');
    return this.pages.render('access-why', at.options, {
      ...at,
      ofTeam: subject === STAFF || subject === OBSERVERS,
      ofPatients: subject === PATIENTS,
      of: grant.person.name ?? '–',
      roleName: grant.roleName,
      where: grant.scope.name,
      grant,
      permissions: permissionLabels(this.pages, grant.permissions, locale),
      overTime: isRead ? `${pathOf(ref)}/access/over-time?${queryOf({ person: grant.person.personId ?? '' })}` : null,
      links: explanationTree(explanation),
      endsWith: explanation.endsWith,
    });
  }
}

/** @throws RuleBroken `not-found` for a grant of another place. A deployment shows its organisation's, an organisation its groups' */
function mustBeShownIn({ ref, place }: PeoplePlace, { grant: { scope } }: ExplanationView): void {
  const isShown =
    scope.id === ref.id ||
    (ref.kind === 'organisation' && scope.kind === 'group') ||
    (scope.kind === 'organisation' && place.abovePath === pathOf(scope));
  if (!isShown) throw new RuleBroken('not-found');
}
