import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EffectivePermissions, type ScopeRef } from '../../access/access.domain.contract.js';
import { GroupAccess } from '../../groups/groups.contract.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import type { PageOptions } from '../pages.js';
import { pathOf, placeView, type PlaceView } from '../shell/place.js';
import { type GroupRights, rightsIn } from './group-rights.js';

/** What the pages of a group share. Pages about people of other places share the same: shell/people-place.ts. */
export interface GroupPlace {
  ref: ScopeRef;
  path: string;
  place: PlaceView;
  effectivePermissions: EffectivePermissions;
  maySee: boolean;
  mayManage: boolean;
  mayAudit: boolean;
  group: GroupRights;
  options: PageOptions;
}

/** Reads the group of a page, with what the visitor may do there. */
@Injectable()
export class PortalGroups {
  constructor(
    private readonly access: GroupAccess,
    private readonly navigation: Navigation,
  ) {}

  /** @param segment what follows the path of the group @throws RuleBroken `not-found` for visitors who may not see the group */
  async at(viewer: string, id: string, request: FastifyRequest, segment = ''): Promise<GroupPlace> {
    const authorization = await this.access.requireMemberOrOwner(viewer, id);
    const { scope, group } = authorization;
    const ref: ScopeRef = { kind: 'group', id };
    const organisation: ScopeRef = { kind: 'organisation', id: group.organisationId };
    const nav = await this.navigation.of(viewer, `${pathOf(organisation)}/groups`, organisation);
    const rights = rightsIn(authorization);
    return {
      ref,
      path: segment === '' ? pathOf(ref) : `${pathOf(ref)}/${segment}`,
      place: placeView(scope),
      // No role of the organisation holds in a group.
      effectivePermissions: new EffectivePermissions([]),
      maySee: rights.appoints,
      mayManage: rights.appoints && rights.isOpen,
      mayAudit: false,
      group: rights,
      options: { locale: localeOf(request), nav },
    };
  }

  /** @throws RuleBroken `not-found` for visitors who may not see the group */
  async mustSee(viewer: string, id: string): Promise<void> {
    await this.access.requireMemberOrOwner(viewer, id);
  }
}
