import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines } from '../../../shared/database/lists.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { pageOf, readCursor } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { HistoryRunner } from '../history-runner.js';
import { HistoryAccess } from '../reading/history-access.js';
import type { AccessChangeView, AccessDiffDto, AccessDiffPage } from './access.dto.js';
import { GrantViews } from './grant-views.js';
import { AccessDifferences, isChangedByRelease, lacking } from './access-differences.js';
import type { GrantRow } from './grants-at.js';
import { type Instant, Instants } from './instants.js';

/** What changed in who held what between two instants. */
export class DiffAccess extends Query<AccessDiffPage> {
  constructor(
    readonly reader: string,
    readonly scope: ScopeRef,
    readonly between: AccessDiffDto,
  ) {
    super();
  }
}

/** Before every entry. */
const BEFORE_ALL: Instant = { number: -1, at: null, settled: true };

@QueryHandler(DiffAccess)
export class DiffAccessHandler implements IQueryHandler<DiffAccess> {
  constructor(
    private readonly access: HistoryAccess,
    private readonly runner: HistoryRunner,
    private readonly instants: Instants,
    private readonly differences: AccessDifferences,
    private readonly views: GrantViews,
    private readonly database: Database,
  ) {}

  async execute({ reader, scope: ref, between }: DiffAccess): Promise<AccessDiffPage> {
    const { scope, viewpoint } = await this.access.open(reader, ref);
    const cursor = readCursor(between.cursor, ['number', 'number', 'number']);
    await this.runner.mustShowEverything();
    const [from, to] = cursor
      ? [await this.numbered(Number(cursor[0])), await this.numbered(Number(cursor[1]))]
      : await this.instantsOf(between);
    const { pairs, before, after } = await this.differences.between(
      scope,
      [from.number, to.number],
      cursor ? Number(cursor[2]) : null,
      between.limit + 1,
    );
    const page = pageOf(pairs, between.limit, ({ ordinal }) => [from.number, to.number, ordinal].map(String));
    const rows = page.items.flatMap(({ before: a, after: b }) => [...(a ? [a] : []), ...(b ? [b] : [])]);
    const [names, entries] = [await this.views.namesOf(rows), await this.entriesOf(rows, from, to)];
    const items = page.items.map((pair): AccessChangeView => {
      const a = pair.before && this.views.view(viewpoint, scope, pair.before, from.number, before, names);
      const b = pair.after && this.views.view(viewpoint, scope, pair.after, to.number, after, names);
      const key = (pair.before ?? pair.after)?.key ?? '';
      return {
        change: a === null ? 'added' : b === null ? 'removed' : 'changed',
        before: a,
        after: b,
        permissionsGained: lacking(b?.permissions, a?.permissions),
        permissionsLost: lacking(a?.permissions, b?.permissions),
        changedByRelease: isChangedByRelease(pair, before, after),
        entries: entries.get(key) ?? [],
      };
    });
    return { items, nextCursor: page.nextCursor, from, to };
  }

  private async instantsOf({ from, fromNumber, to, toNumber }: AccessDiffDto): Promise<[Instant, Instant]> {
    const isOfBeginning = from === undefined && fromNumber === undefined;
    const earlier = isOfBeginning
      ? BEFORE_ALL
      : await this.instants.find({ at: from, number: fromNumber }, { at: 'from', number: 'fromNumber' });
    const later = await this.instants.find({ at: to, number: toNumber }, { at: 'to', number: 'toNumber' });
    if (later.number < earlier.number) throw invalid('to', FIELD_MESSAGES.notEarlier('from'));
    return [earlier, later];
  }

  private async numbered(number: number): Promise<Instant> {
    return number < 0 ? BEFORE_ALL : this.instants.find({ number });
  }

  /** Numbers of the entries about memberships between the instants, by the membership. */
  private async entriesOf(rows: readonly GrantRow[], from: Instant, to: Instant): Promise<Map<string, number[]>> {
    const streams = [...new Set(rows.map(({ key }) => key))];
    if (streams.length === 0) return new Map();
    const { rows: found } = await sql<{ stream: string; number: number }>`
      select stream, number::float8 as number from history_entry where stream = any(${lines(streams)})
        and number > ${from.number}::float8::bigint and number <= ${to.number}::float8::bigint order by number`.execute(
      this.database.kysely(),
    );
    const byStream = Map.groupBy(found, ({ stream }) => stream);
    return new Map([...byStream].map(([key, entries]) => [key, entries.map(({ number }) => number)]));
  }
}

function invalid(field: string, message: string): RuleBroken {
  return new RuleBroken('invalid-input', { errors: [{ field, message }] });
}
