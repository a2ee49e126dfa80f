import { type Permission, withImplied } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GrantNoticesEvent, GrantNoticesDomainEvent } from './grant-notices.events.js';

/** Which grants owners may want to hear of: those that see who patients are, and those that can give such a grant on. Source: docs/domain.md §7 */
const SEES: readonly Permission[] = ['patients.view-identifiers'];
const GRANTS: readonly Permission[] = ['staff.manage', 'roles.edit'];

/** What an owner is told of a role. */
export interface Powers {
  seesIdentifiers: boolean;
  mayGrant: boolean;
}

export function powersOf(permissions: readonly Permission[]): Powers {
  const all = withImplied(permissions);
  return {
    seesIdentifiers: SEES.some((permission) => all.has(permission)),
    mayGrant: GRANTS.some((permission) => all.has(permission)),
  };
}

/** What `after` has and `before` hasn't. */
export function gained(before: Powers, after: Powers): Powers {
  return {
    seesIdentifiers: after.seesIdentifiers && !before.seesIdentifiers,
    mayGrant: after.mayGrant && !before.mayGrant,
  };
}

export function isAny({ seesIdentifiers, mayGrant }: Powers): boolean {
  return seesIdentifiers || mayGrant;
}

/** The organisations whose grants somebody wants to hear of, as their stream has it: none unless they chose. */
export function grantNoticesFrom(history: readonly StoredEvent[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const event of history) {
    if (event.type !== 'GrantNoticesChosen') continue;
    const { organisationId, grants } = (event as unknown as GrantNoticesEvent).data;
    if (grants) wanted.add(organisationId);
    else wanted.delete(organisationId);
  }
  return wanted;
}

/** Quiet when it is so already. */
export function chooseGrantNotices(
  wanted: ReadonlySet<string>,
  organisationId: string,
  grants: boolean,
): GrantNoticesDomainEvent[] {
  return wanted.has(organisationId) === grants
    ? []
    : [{ type: 'GrantNoticesChosen', data: { organisationId, grants } }];
}
