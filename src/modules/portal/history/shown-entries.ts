import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pathOf } from '../shell/place.js';
import type { HistoryEntryView } from '../../history/history.contract.js';
import type { Revertible } from '../../reverts/reverts.contract.js';

/** The changes that a page shows below a sentence that doesn't say them. */
const SAID_BY_SENTENCE: readonly string[] = ['staff.role-changed', 'group-member.permissions-changed'];

/**
 * Entries as the pages list them, with the id of the menu of each.
 * @param revertible those that the visitor may take back, by event id
 */
export function shownEntries(
  entries: readonly HistoryEntryView[],
  { id: placeId }: ScopeRef,
  revertible: ReadonlyMap<string, Revertible> = new Map(),
) {
  return entries.map(({ actor, subject, reason, changes, scope, ...entry }, n) => ({
    ...entry,
    menu: `entry-${String(n)}`,
    revertible: revertible.get(entry.eventId) ?? null,
    // The page names its own place already.
    where: scope.kind === 'platform' || scope.id === placeId ? null : scope.name,
    wherePath: scope.kind === 'organisation' || scope.kind === 'deployment' ? pathOf(scope) : null,
    actorId: actor.personId ?? null,
    actorName: actor.name,
    subjectId: subject?.personId ?? null,
    subjectName: subject?.name ?? null,
    reason: reason ?? null,
    changes: SAID_BY_SENTENCE.includes(entry.kind) ? [] : changes,
  }));
}
