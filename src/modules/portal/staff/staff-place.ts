import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { Authorization } from '../../access/access.contract.js';
import type { EffectivePermissions, ScopeRef } from '../../access/access.domain.contract.js';
import { ListRoles, type RoleView } from '../../roles/roles.contract.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import type { PageOptions } from '../pages.js';
import { pathOf, placeView, type PlaceView } from '../shell/place.js';

/** What the pages about the staff of a place and its roles share. */
export interface StaffPlace {
  ref: ScopeRef;
  /** The path of the list of staff. */
  path: string;
  place: PlaceView;
  /** The roles that can be given there. */
  roles: readonly RoleView[];
  effectivePermissions: EffectivePermissions;
  /** Whether the visitor may list the staff and its invitations. */
  maySee: boolean;
  /** Whether the visitor may invite, change and remove. The place must be open. */
  mayManage: boolean;
  options: PageOptions;
}

/** Reads the place of a page about staff or roles, with what the visitor may do there. */
@Injectable()
export class StaffPlaces {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
  ) {}

  /**
   * @param segment what follows the path of the place in the side bar
   * @throws RuleBroken `not-found`, and `forbidden` for visitors without a role there
   */
  async at(viewer: string, ref: ScopeRef, request: FastifyRequest, segment = '/staff'): Promise<StaffPlace> {
    const path = `${pathOf(ref)}/staff`;
    const [{ scope, effectivePermissions }, roles, nav] = await Promise.all([
      this.authorization.requireInsider(viewer, ref),
      this.queries.execute(new ListRoles(viewer, ref, { limit: MAX_LIMIT })),
      this.navigation.of(viewer, `${pathOf(ref)}${segment}`, ref),
    ]);
    return {
      ref,
      path,
      place: placeView(scope),
      roles: roles.items,
      effectivePermissions,
      maySee: effectivePermissions.can('staff.view'),
      mayManage: effectivePermissions.can('staff.manage') && !scope.archived,
      options: { locale: localeOf(request), nav },
    };
  }
}

/** Which part of a team a list shows: an organisation with its deployments, or the organisation alone. */
export type Part = 'all' | 'here';

/** The part that the address of a list asks for. Only an organisation has more than one. */
export function partOf({ kind }: ScopeRef, asked: string): Part {
  return kind === 'organisation' && asked !== 'here' ? 'all' : 'here';
}

/** The tabs of the pages about staff. */
export function staffTabs({ path }: StaffPlace, current: 'users' | 'invites' | 'batches') {
  return [
    { path, label: 'staff.users' as const, current: current === 'users' },
    { path: `${path}/invitations`, label: 'staff.invites' as const, current: current === 'invites' },
    { path: `${path}/batches`, label: 'staff.batches' as const, current: current === 'batches' },
  ];
}
