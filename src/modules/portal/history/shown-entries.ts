import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pathOf } from '../shell/place.js';
import type { HistoryEntryView } from '../../history/history.contract.js';
import { REVERTIBLE_KINDS } from '../../reverts/reverts.contract.js';

/** The changes that a page shows below a sentence that doesn't say them. */
const SAID_BY_SENTENCE: readonly string[] = ['staff.role-changed', 'group-member.permissions-changed'];

/**
 * Entries as the pages list them, with the id of the menu of each.
 * @param mayChange whether the visitor may change something in the place, so that a revert is worth a look
 */
export function shownEntries(entries: readonly HistoryEntryView[], { id: placeId }: ScopeRef, mayChange = false) {
  return entries.map(({ actor, subject, reason, changes, scope, ...entry }, n) => ({
    ...entry,
    menu: `entry-${String(n)}`,
    mayBeReverted: mayChange && REVERTIBLE_KINDS.has(entry.kind),
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
