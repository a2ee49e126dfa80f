import { Injectable } from '@nestjs/common';
import { Authorization, type AuthorizationResult } from '../access/access.contract.js';
import {
  EffectivePermissions,
  GroupPlaces,
  PLATFORM,
  RoleAssignments,
  type ScopeRef,
} from '../access/access.domain.contract.js';
import { People, PersonNames } from '../people/people.contract.js';
import { MailTransport } from '../../shared/mail/mail-transport.js';
import { AREAS, DEEDS, type Area, type Sight } from './shell/areas.js';
import { pathOf, placeView } from './shell/place.js';
import { mayGiveRoles } from './shell/role-givers.js';
import { VisiblePlaces } from './shell/visible-places.js';
import { initialsOf, type Shell, type ShellLink, type ShellSection } from './shell/shell.js';

/** The permissions of nobody. */
const NONE = new EffectivePermissions([]);

/** Makes the frame of a signed-in person's pages, with the links that the person may follow. */
@Injectable()
export class Navigation {
  constructor(
    private readonly authorization: Authorization,
    private readonly roleAssignments: RoleAssignments,
    private readonly groupPlaces: GroupPlaces,
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly visiblePlaces: VisiblePlaces,
    private readonly transport: MailTransport,
  ) {}

  /**
   * @param current the path of the page, or of the area that it belongs to
   * @param at the place of the page; without it, the first place of the person
   */
  async of(viewer: string, current: string, at?: ScopeRef): Promise<Shell> {
    const [own, names, people, platform] = await Promise.all([
      this.visiblePlaces.of(viewer),
      this.names.of([viewer]),
      this.people.getByIds([viewer]),
      this.authorization.evaluate(viewer, PLATFORM),
    ]);
    const here = at ?? own[0];
    const result =
      here === undefined || here.id === PLATFORM.id ? null : await this.authorization.evaluate(viewer, here);
    const below = result ? await this.rolesBelow(viewer, result) : NONE;
    const isInGroup =
      result?.scope.kind === 'organisation' && (await this.groupPlaces.anyWithin(viewer, result.scope.id));
    const isPlatformStaff = platform.effectivePermissions.roles.length > 0;
    const name = names.get(viewer) ?? null;
    const email = people.get(viewer)?.email ?? null;
    const scope = result?.scope ?? (isPlatformStaff ? platform.scope : null);
    const holdsRole = (result?.effectivePermissions.roles.length ?? 0) > 0;
    const adminPath = pathOf(PLATFORM);
    const isAdminPage = current.startsWith(adminPath);
    const admin: ShellLink = { path: adminPath, label: 'shell.admin', icon: 'platform', current: isAdminPage };
    const start: ShellLink = { path: '/', label: 'layout.home', icon: 'home', current: current === '/' };
    const sections: ShellSection[] = [
      { name: null, label: null, links: [start] },
      {
        name: result?.scope.name ?? null,
        label: null,
        links: result ? linksOf(AREAS, result, current, { below, isInGroup }) : [],
      },
      { name: null, label: null, links: isPlatformStaff ? [admin] : [] },
      { name: null, label: null, links: this.furtherLinks(platform, own.length > 0, current) },
    ];
    return {
      person: { id: viewer, name, email, initials: initialsOf(name ?? email) },
      place: scope && { ...placeView(scope), ...(holdsRole ? {} : { abovePath: null }) },
      places: own.map((place) => ({ ...place, current: place.id === scope?.id })),
      deeds: linksOf(DEEDS, result ?? platform, current),
      sections: sections.filter(({ links }) => links.length > 0),
      adminTabs: isPlatformStaff && isAdminPage ? linksOf(AREAS, platform, current) : [],
    };
  }

  /** The permissions by roles in an organisation's deployments. A person with a role at the organisation needs none of them. */
  private async rolesBelow(
    viewer: string,
    { scope, effectivePermissions }: AuthorizationResult,
  ): Promise<EffectivePermissions> {
    if (scope.kind !== 'organisation' || effectivePermissions.roles.length > 0) return NONE;
    return new EffectivePermissions(await this.roleAssignments.within(viewer, scope.id));
  }

  /** Links that are about no place. */
  private furtherLinks({ effectivePermissions }: AuthorizationResult, isStaff: boolean, current: string): ShellLink[] {
    const links: (ShellLink & { shown: boolean })[] = [
      {
        path: '/mailbox',
        label: 'layout.mailbox',
        icon: 'mail',
        current: current === '/mailbox',
        shown: this.transport.isMailbox && isSuperAdmin(effectivePermissions),
      },
      {
        path: '/docs',
        label: 'layout.docs',
        icon: 'code',
        current: current === '/docs',
        shown: isStaff || current === '/docs',
      },
    ];
    return links.filter(({ shown }) => shown).map(({ shown: _shown, ...link }) => link);
  }
}

function isSuperAdmin({ roles }: EffectivePermissions): boolean {
  return roles.some(({ role }) => role.id === 'super-admin');
}

function linksOf(
  areas: readonly Area[],
  { scope, effectivePermissions }: AuthorizationResult,
  current: string,
  { below, isInGroup } = { below: NONE, isInGroup: false },
): ShellLink[] {
  const sight: Sight = {
    kind: scope.kind,
    holdsRole: effectivePermissions.roles.length + below.roles.length > 0,
    isInGroup,
    isSuperAdmin: isSuperAdmin(effectivePermissions),
    givesRoles: mayGiveRoles(effectivePermissions, scope.kind),
    can: (permission) => effectivePermissions.can(permission),
    canWithin: (permission) => effectivePermissions.can(permission) || below.can(permission),
  };
  return areas
    .filter((area) => area.isOpenTo(sight))
    .map(({ label, icon, segment }) => {
      const path = `${pathOf(scope)}${segment}`;
      return { path, label, icon, current: path === current };
    });
}
