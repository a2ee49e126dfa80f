import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { readCursor } from '../../../shared/http/lists/pagination.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { EntryRow } from '../fold/history-entry.js';
import { CHANGES_ACCESS } from '../fold/kinds.js';
import type { OpenedHistory } from '../reading/history-access.js';
import type { Viewpoint } from '../reading/viewpoint.js';
import { type EntryFilter, readEntries } from './entry-query.js';
import { actorKind, EntryViews, seenCorrelation } from './entry-views.js';
import type { HistoryEntryView, HistoryListDto } from './history.dto.js';

/** A stretch of a timeline. */
export interface Stretch {
  items: HistoryEntryView[];
  /** The number of the last entry; null: there is none. */
  last: number | null;
}

/** Reads the timelines of scopes. */
@Injectable()
export class Timelines {
  constructor(
    private readonly database: Database,
    private readonly views: EntryViews,
  ) {}

  /** The number before which a call begins; null: at the end. @throws RuleBroken `invalid-input` for a wrong cursor */
  startOf({ cursor, before }: HistoryListDto): number | null {
    const after = readCursor(cursor, ['number']);
    if (after && before !== undefined)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'before', message: FIELD_MESSAGES.onlyOneOf('cursor') }],
      });
    return after ? Number(after[0]) : (before ?? null);
  }

  /** Up to `limit` entries before a number, newest first. Fewer: there are no more. */
  async read(
    opened: OpenedHistory,
    filter: HistoryListDto,
    before: number | null,
    limit: number,
    locale: Locale,
  ): Promise<Stretch> {
    const rows = await this.rows(opened, filter, before, limit);
    return { items: await this.views.of(opened.viewpoint, rows, locale), last: rows.at(-1)?.number ?? null };
  }

  /** Entries before a number. Reads on where an id of the filter means somebody else to the reader. */
  private async rows(
    opened: OpenedHistory,
    filter: HistoryListDto,
    before: number | null,
    limit: number,
  ): Promise<EntryRow[]> {
    const [branches, stored] = [branchesOf(opened.scope), storedFilter(filter, opened)];
    const wanted: EntryRow[] = [];
    for (let next = before; ;) {
      const rows = await readEntries(this.database, branches, stored, next, limit);
      wanted.push(...rows.filter((row) => isMeant(row, filter, opened.viewpoint)));
      next = rows.at(-1)?.number ?? null;
      if (rows.length < limit || wanted.length >= limit) return wanted.slice(0, limit);
    }
  }
}

/** The cursor that goes on before a number. */
export function cursorAt(before: number | null): string | null {
  return before === null ? null : Buffer.from(JSON.stringify([String(before)])).toString('base64url');
}

/** The entries that belong to a scope's history. */
function branchesOf({ kind, id, organisation }: Scope): RawBuilder<boolean>[] {
  switch (kind) {
    case 'platform':
      return [sql<boolean>`true`];
    case 'organisation':
      return [sql<boolean>`organisation_id = ${id}`];
    case 'group':
      return [sql<boolean>`scope_id = ${id}`];
    case 'deployment':
      return [
        sql<boolean>`scope_id = ${id}`,
        sql<boolean>`(scope_id = ${organisation?.id ?? id} and kind = any(${lines(CHANGES_ACCESS)}))`,
      ];
  }
}

/** Whether the reader sees the ids of the filter in an entry. */
function isMeant(row: EntryRow, { actor, subject, correlation }: HistoryListDto, viewpoint: Viewpoint): boolean {
  const isSeen = (personId: string | null, kind: string, id: string | undefined): boolean =>
    id === undefined || (personId !== null && viewpoint.see(personId, kind, row).personId === id);
  return (
    isSeen(row.actor, actorKind(row), actor) &&
    isSeen(row.subject, row.kind, subject) &&
    (correlation === undefined || seenCorrelation(viewpoint, row) === correlation)
  );
}

/** The filter with stored ids in place of the reader's. */
function storedFilter(filter: HistoryListDto, { scope, viewpoint, scopeIds }: OpenedHistory): EntryFilter {
  const meanings = (id: string | undefined): string[] | undefined =>
    id === undefined ? undefined : viewpoint.meaningsOf(id, scope.organisation?.id ?? null, scopeIds);
  return {
    actors: meanings(filter.actor),
    subjects: meanings(filter.subject),
    correlations: meanings(filter.correlation),
    kinds: filter.kind,
    from: filter.from,
    to: filter.to,
  };
}
