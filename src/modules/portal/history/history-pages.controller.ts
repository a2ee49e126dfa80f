import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { type Permission, ROLE_PERMISSIONS, type ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  AccessDiffDto,
  AccessListDto,
  DiffAccess,
  type GrantView,
  type HistoryEntryView,
  HistoryListDto,
  ListAccess,
  ListHistory,
  ReadStory,
} from '../../history/history.contract.js';
import { GetGroupMember } from '../../groups/groups.contract.js';
import { GetMember } from '../../invitations/invitations.contract.js';
import { GetPatient } from '../../patients/patients.contract.js';
import type { StaffMemberView } from '../../staff/staff.contract.js';
import { checked, queryOf, typed } from '../forms.js';
import { groupTabs } from '../groups/group-rights.js';
import { Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { GROUP_MEMBERS, PATIENTS, type PeoplePlace, PeoplePlaces, STAFF, type Subject } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inEachPlace, inGroup, inPlace } from '../shell/place-routes.js';
import { saidBy } from '../staff/done-or-failed.js';
import { beforeDay, dayOf, endOfDay, HISTORY_AREAS, instantOf, kindsOf } from './history-filter.js';
import { permissionLabels } from './permission-labels.js';
import { shownEntries } from './shown-entries.js';

/** The pages about the history, as the side bar knows them. */
export const HISTORY: Subject = { segment: 'history', area: 'history', view: 'audit.view', manage: 'audit.view' };
/** Who holds one of these may take some entries back. */
const CHANGING: readonly Permission[] = [
  'staff.manage',
  'patients.manage',
  'patients.offboard',
  'roles.edit',
  'organisation.edit',
  'organisation.archive',
  'deployment.manage',
  'deployment.archive',
];
/** The comparison begins so many days ago unless the visitor says when. */
const COMPARED_DAYS = 30;
const DAY_MS = 86_400_000;
/** The furthest day that the slider reaches. The date field reaches all. */
const SLIDER_DAYS = 365;

/** What happened in a place, who had which access at an instant, and what changed between two. */
@ApiExcludeController()
@Controller()
export class HistoryPagesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get([...inEachPlace('history'), inGroup('history')])
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const { area, from, to, cursor, ...about } = typed(
      query,
      'area',
      'from',
      'to',
      'actor',
      'subject',
      'correlation',
      'cursor',
    );
    const kind = kindsOf(area);
    const filter = { ...about, from: beforeDay(from), to: endOfDay(to), ...(kind.length > 0 ? { kind } : {}) };
    const dto = await checked(HistoryListDto, { ...filter, cursor });
    const at = await this.places.at(viewer, ref, request, HISTORY);
    const { locale } = at.options;
    const { items, nextCursor } = await this.queries.execute(new ListHistory(viewer, ref, dto, locale));
    const filters = { area, from, to, ...about };
    const { group, place } = at;
    // A group has no areas, and its history is one of its tabs.
    const options = group && place.name !== null ? { ...at.options, title: place.name } : at.options;
    return this.pages.render('history', options, {
      ...at,
      maySearch: true,
      said: saidBy(typed(query, 'done', 'failed')),
      tabs: group ? groupTabs(pathOf(ref), group, 'history') : historyTabs(ref, 'history'),
      areas: group ? [] : HISTORY_AREAS,
      ...filters,
      isFiltered: Object.values(filters).some((value) => value !== ''),
      ...namesOf(items, about),
      entries: shownEntries(items, ref, mayChange(at)),
      older: nextCursor === null ? null : `${at.path}?${queryOf({ ...filters, cursor: nextCursor })}`,
      exported: `${pathOf(ref).replace('/portal/', '/v1/')}/history?${queryOf({ ...filter, format: 'csv' })}`,
    });
  }

  @Get(inEachPlace('access'))
  @Page()
  async access(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const now = this.clock.now();
    const { at: day, permission, person, cursor } = typed(query, 'at', 'permission', 'person', 'cursor');
    const dto = await checked(AccessListDto, { at: instantOf(day, now), permission, person, cursor });
    const at = await this.places.at(viewer, ref, request, HISTORY);
    const page = await this.queries.execute(new ListAccess(viewer, ref, dto));
    const shownDay = day === '' ? dayOf(now) : day;
    return this.pages.render('access', at.options, {
      ...at,
      tabs: historyTabs(ref, 'access'),
      shownDay,
      today: dayOf(now),
      sliderDays: SLIDER_DAYS,
      permission,
      permissions: ROLE_PERMISSIONS,
      person,
      grants: page.items.map(({ person: { personId, name }, ...grant }) => ({
        ...grant,
        permissions: permissionLabels(this.pages, grant.permissions, at.options.locale),
        // A place shows what it inherits itself, because its organisation may be closed to the visitor.
        why: `${whyPath(ref, grant)}?${queryOf({ number: String(page.number) })}`,
        personId: personId ?? null,
        name,
      })),
      older:
        page.nextCursor === null
          ? null
          : `${pathOf(ref)}/access?${queryOf({ at: day, permission, person, cursor: page.nextCursor })}`,
    });
  }

  @Get(inEachPlace('access/changes'))
  @Page()
  async changes(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const now = this.clock.now();
    const asked = typed(query, 'from', 'to', 'cursor');
    const from = asked.from === '' ? dayOf(new Date(now.getTime() - COMPARED_DAYS * DAY_MS)) : asked.from;
    const to = asked.to === '' ? dayOf(now) : asked.to;
    const between = { from: instantOf(from, now), to: instantOf(to, now), cursor: asked.cursor };
    // From today on nothing has changed yet, so today as the earlier day means its beginning.
    const dto = await checked(AccessDiffDto, {
      ...between,
      from: between.from === '' ? beforeDay(from) : between.from,
    });
    const at = await this.places.at(viewer, ref, request, HISTORY);
    const page = await this.queries.execute(new DiffAccess(viewer, ref, dto));
    return this.pages.render('access-changes', at.options, {
      ...at,
      tabs: historyTabs(ref, 'changes'),
      from,
      to,
      today: dayOf(now),
      changes: page.items.map(({ before, after, ...change }) => {
        const grant = after ?? before;
        return {
          ...change,
          permissionsGained: permissionLabels(this.pages, change.permissionsGained, at.options.locale),
          permissionsLost: permissionLabels(this.pages, change.permissionsLost, at.options.locale),
          personId: grant?.person.personId ?? null,
          name: grant?.person.name ?? null,
          where: grant?.scope.name ?? null,
          roleBefore: before?.roleName ?? null,
          roleAfter: after?.roleName ?? null,
        };
      }),
      older:
        page.nextCursor === null
          ? null
          : `${pathOf(ref)}/access/changes?${queryOf({ from, to, cursor: page.nextCursor })}`,
    });
  }

  /** What happened to a member of the team. Visitors who see the profile see it. */
  @Get(inEachPlace('staff/:memberId/history'))
  @Page()
  async ofMember(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request, STAFF);
    const { name, email } = await inPlace(
      ref,
      memberId,
      async (id) => this.queries.execute(new GetMember(viewer, 'staff', id)) as Promise<StaffMemberView>,
    );
    return this.story(viewer, at, 'staff', memberId, name ?? email ?? null, query);
  }

  @Get('portal/deployments/:id/patients/:patientId/history')
  @Page()
  async ofPatient(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('patientId') patientId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request, PATIENTS);
    const patient = await inPlace(ref, patientId, async (id) => this.queries.execute(new GetPatient(viewer, id)));
    const { name, email, pseudonym } = patient;
    return this.story(viewer, at, 'patient', patientId, name ?? email ?? pseudonym, query);
  }

  /** What happened to a member of a group. Visitors who see the member see it. */
  @Get(inGroup('members/:memberId/history'))
  @Page()
  async ofGroupMember(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('memberId') memberId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request, { ...GROUP_MEMBERS, segment: 'members' });
    if (!isUUID(memberId)) throw new RuleBroken('not-found');
    const { name, email } = await this.queries.execute(new GetGroupMember(viewer, ref.id, memberId));
    return this.story(viewer, at, 'group-member', memberId, name ?? email ?? null, query);
  }

  private async story(
    viewer: string,
    at: PeoplePlace,
    kind: 'staff' | 'patient' | 'group-member',
    id: string,
    of: string | null,
    query: unknown,
  ): Promise<string> {
    const page = await checked(PageDto, typed(query, 'cursor'));
    const story = await this.queries.execute(new ReadStory(viewer, kind, id, page, at.options.locale));
    const profile = `${at.path}/${id}`;
    return this.pages.render('story', at.options, {
      ...at,
      maySearch: false,
      isAboutPatients: kind === 'patient',
      of: of ?? '–',
      profile,
      entries: shownEntries(story.items, at.ref),
      older: story.nextCursor === null ? null : `${profile}/history?${queryOf({ cursor: story.nextCursor })}`,
    });
  }
}

/** The page that explains a grant: where it was given, and here where it is inherited or a group's. */
function whyPath(
  here: ScopeRef,
  { grantId, scope, inherited }: Pick<GrantView, 'grantId' | 'scope' | 'inherited'>,
): string {
  const isHere = inherited || scope.kind === 'group' || here.kind === 'platform';
  return `${pathOf(isHere ? here : scope)}/access/${grantId}/why`;
}

function historyTabs(ref: ScopeRef, current: 'history' | 'access' | 'changes') {
  const path = pathOf(ref);
  return [
    { path: `${path}/history`, label: 'history.timeline' as const, current: current === 'history' },
    { path: `${path}/access`, label: 'access.title' as const, current: current === 'access' },
    { path: `${path}/access/changes`, label: 'access-changes.title' as const, current: current === 'changes' },
  ];
}

/** The names of the people whom the list is about, as its entries have them. */
function namesOf(entries: readonly HistoryEntryView[], asked: Record<'actor' | 'subject', string>) {
  const nameOf = (which: 'actor' | 'subject'): string | null =>
    entries.find((entry) => entry[which]?.personId === asked[which])?.[which]?.name ?? null;
  return {
    actorName: asked.actor === '' ? null : nameOf('actor'),
    subjectName: asked.subject === '' ? null : nameOf('subject'),
  };
}

function mayChange({ group, effectivePermissions }: PeoplePlace): boolean {
  return group ? group.appoints : CHANGING.some((permission) => effectivePermissions.can(permission));
}
