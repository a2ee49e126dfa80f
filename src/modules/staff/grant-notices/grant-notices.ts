import { type Permission, withImplied } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { GrantNoticesEvent, GrantNoticesDomainEvent } from './grant-notices.events.js';

/**
 * Permissions about whose grants owners may get notices: those that identify patients, and those that allow further
 * grants. Source: docs/domain.md §7
 */
const SEES: readonly Permission[] = ['patients.view-identifiers'];
const GRANTS: readonly Permission[] = ['staff.manage', 'roles.edit'];

/** The powers of a role that a notice names. */
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

/** The powers that `after` has and `before` lacks. */
export function gained(before: Powers, after: Powers): Powers {
  return {
    seesIdentifiers: after.seesIdentifiers && !before.seesIdentifiers,
    mayGrant: after.mayGrant && !before.mayGrant,
  };
}

export function isAny({ seesIdentifiers, mayGrant }: Powers): boolean {
  return seesIdentifiers || mayGrant;
}

/** The organisations about whose grants a person wants notices, from their stream; none by default. */
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

/** Returns no event for a choice that already holds. */
export function chooseGrantNotices(
  wanted: ReadonlySet<string>,
  organisationId: string,
  grants: boolean,
): GrantNoticesDomainEvent[] {
  return wanted.has(organisationId) === grants
    ? []
    : [{ type: 'GrantNoticesChosen', data: { organisationId, grants } }];
}
