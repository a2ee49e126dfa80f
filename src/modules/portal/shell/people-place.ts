import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { Authorization } from '../../access/access.contract.js';
import type { EffectivePermissions, Permission, ScopeRef } from '../../access/access.domain.contract.js';
import { ListRoles, type RoleView } from '../../roles/roles.contract.js';
import type { GroupRights } from '../groups/group-rights.js';
import { PortalGroups } from '../groups/portal-groups.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import type { PageOptions } from '../pages.js';
import { pathOf, placeView, type PlaceView } from './place.js';
import { mayGiveRoles } from './role-givers.js';

/** What a page about people is about. */
export interface Subject {
  /** What follows the path of the place; empty for the place itself. */
  readonly segment: string;
  /** What follows it in the side bar. */
  readonly area: string;
  /** The permission to list them; null in a group, where permission sets decide. */
  readonly view: Permission | null;
  /** The permission to invite, change and remove; null in a group. */
  readonly manage: Permission | null;
}

export const STAFF: Subject = { segment: 'staff', area: 'staff', view: 'staff.view', manage: 'staff.manage' };
export const OBSERVERS: Subject = { segment: 'observers', area: 'staff', view: 'staff.view', manage: 'staff.manage' };
export const PATIENTS: Subject = {
  segment: 'patients',
  area: 'patients',
  view: 'patients.view',
  manage: 'patients.manage',
};

export const GROUP_MEMBERS: Subject = { segment: '', area: 'groups', view: null, manage: null };

/** What the pages about the people of a place and their roles share. */
export interface PeoplePlace {
  ref: ScopeRef;
  /** The path of the list. */
  path: string;
  place: PlaceView;
  effectivePermissions: EffectivePermissions;
  /** Whether the visitor may list the people and their invitations. */
  maySee: boolean;
  /** Whether the visitor may invite, change and remove. The place must be open. */
  mayManage: boolean;
  /** What the visitor may do in a group; null in other places. */
  group: GroupRights | null;
  /** Whether the visitor may ask why people may do what they may. */
  mayAudit: boolean;
  options: PageOptions;
}

/** Reads the place of a page about people, with what the visitor may do there. */
@Injectable()
export class PeoplePlaces {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly groups: PortalGroups,
  ) {}

  /** @throws RuleBroken `not-found`, and `forbidden` for visitors without a role there */
  async at(viewer: string, ref: ScopeRef, request: FastifyRequest, subject: Subject): Promise<PeoplePlace> {
    const { segment, area, view, manage } = subject;
    if (ref.kind === 'group') return this.groups.at(viewer, ref.id, request, segment);
    const [{ scope, effectivePermissions }, nav] = await Promise.all([
      this.authorization.requireInsider(viewer, ref),
      this.navigation.of(viewer, `${pathOf(ref)}/${area}`, ref),
    ]);
    const may = (permission: Permission | null): boolean => permission !== null && effectivePermissions.can(permission);
    return {
      ref,
      path: `${pathOf(ref)}/${segment}`,
      place: placeView(scope),
      effectivePermissions,
      maySee: may(view),
      mayManage: may(manage) && !scope.archived && mayGiveRoles(effectivePermissions, ref.kind),
      group: null,
      mayAudit: may('audit.view'),
      options: { locale: localeOf(request), nav },
    };
  }

  /** The roles that can be given at a place. @throws as `at` */
  async rolesOf(viewer: string, ref: ScopeRef): Promise<readonly RoleView[]> {
    return (await this.queries.execute(new ListRoles(viewer, ref, { limit: MAX_LIMIT }))).items;
  }
}
