import { Injectable } from '@nestjs/common';
import { Authorization, type AuthorizationResult } from '../access/access.contract.js';
import { PLATFORM, type ScopeRef } from '../access/access.domain.contract.js';
import { People, PersonNames } from '../people/people.contract.js';
import { MailTransport } from '../../shared/mail/mail-transport.js';
import { AREAS, DEEDS, type Area, type Sight } from './shell/areas.js';
import { pathOf, placeView } from './shell/place.js';
import { VisiblePlaces } from './shell/visible-places.js';
import { initialsOf, type Shell, type ShellLink, type ShellSection } from './shell/shell.js';

/** Makes the frame of a signed-in person's pages, with the links that the person may follow. */
@Injectable()
export class Navigation {
  constructor(
    private readonly authorization: Authorization,
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
    const isPlatformStaff = platform.effectivePermissions.roles.length > 0;
    const name = names.get(viewer) ?? null;
    const email = people.get(viewer)?.email ?? null;
    const scope = result?.scope ?? (isPlatformStaff ? platform.scope : null);
    const holdsRole = (result?.effectivePermissions.roles.length ?? 0) > 0;
    const start: ShellLink = { path: '/', label: 'layout.home', icon: 'home', current: current === '/' };
    const sections: ShellSection[] = [
      { name: null, label: null, links: [start] },
      { name: result?.scope.name ?? null, label: null, links: result ? linksOf(AREAS, result, current) : [] },
      { name: null, label: 'shell.admin', links: isPlatformStaff ? linksOf(AREAS, platform, current) : [] },
      { name: null, label: null, links: this.furtherLinks(platform, own.length > 0, current) },
    ];
    return {
      person: { name, email, initials: initialsOf(name ?? email) },
      place: scope && { ...placeView(scope), ...(holdsRole ? {} : { abovePath: null }) },
      places: own.map((place) => ({ ...place, current: place.id === scope?.id })),
      deeds: linksOf(DEEDS, result ?? platform, current),
      sections: sections.filter(({ links }) => links.length > 0),
    };
  }

  /** Links that are about no place. */
  private furtherLinks({ effectivePermissions }: AuthorizationResult, isStaff: boolean, current: string): ShellLink[] {
    const isSuperAdmin = effectivePermissions.roles.some(({ role }) => role.id === 'super-admin');
    const links: (ShellLink & { shown: boolean })[] = [
      {
        path: '/mailbox',
        label: 'layout.mailbox',
        icon: 'mail',
        current: current === '/mailbox',
        shown: this.transport.isMailbox && isSuperAdmin,
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

function linksOf(
  areas: readonly Area[],
  { scope, effectivePermissions }: AuthorizationResult,
  current: string,
): ShellLink[] {
  const sight: Sight = {
    kind: scope.kind,
    holdsRole: effectivePermissions.roles.length > 0,
    can: (permission) => effectivePermissions.can(permission),
  };
  return areas
    .filter((area) => area.isOpenTo(sight))
    .map(({ label, icon, segment }) => {
      const path = `${pathOf(scope)}${segment}`;
      return { path, label, icon, current: path === current };
    });
}
