import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { FOREIGN } from '../../../shared/event-sourcing/event-checks.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { type CheckpointTables, readCheckpoints } from '../../../shared/projections/checkpoints.js';
import { batchesOf, type OnProgress } from '../../../shared/transfer/event-file.js';
import { type Books, foldEvent } from '../fold/fold-event.js';
import type { EntryRow } from '../fold/history-entry.js';
import { EntryNumbering } from '../fold/numbering.js';
import { type Period, PeriodBook } from '../fold/period.js';
import { HISTORY } from '../read-models/history.projection.js';
import { type Difference, fieldsThatDiffer, type Found } from './difference.js';
import { PeriodTable } from './period-table.js';

export interface Verification {
  /** How many the log says. */
  entries: number;
  periods: number;
  differencesInAll: number;
  /** Whether the log goes on after the last event that the history shows. */
  isBehind: boolean;
}

const ROWS_AT_ONCE = 1000;

/**
 * Compares each row of the history's tables with what the log says, folded anew, up to the last event that the history
 * has shown. Rows may follow meanwhile. Memory grows with what is open, not with the log. Source: ADR 0053
 */
@Injectable()
export class HistoryVerifier {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /** @param onDifference is called for each difference */
  async verify(
    onDifference: (difference: Difference) => void,
    onProgress: OnProgress = () => undefined,
  ): Promise<Verification> {
    let differencesInAll = 0;
    const report = (difference: Difference): void => {
      differencesInAll += 1;
      onDifference(difference);
    };
    const upTo = await this.shownUpTo();
    const numbering = new EntryNumbering();
    const books = emptyBooks();
    const tables = this.tables();
    let [entries, isBehind] = [0, false];
    for await (const events of this.log()) {
      const shown = events.filter(({ position }) => upTo !== null && this.store.comparePositions(position, upTo) <= 0);
      const rows = shown.map((event) => numbering.next(event));
      fold(shown, rows, books);
      await this.compareEntries(rows, report);
      for (const [name, table] of tables) {
        const { opened, closed } = books[name].settle();
        await table.compare([...closed, ...opened.filter(({ to_number: to }) => to !== null)], report);
      }
      entries += rows.length;
      onProgress(entries);
      isBehind = shown.length < events.length;
      if (isBehind) break;
    }
    const last = entries - 1;
    const isStill = async (): Promise<boolean> => (await this.shownUpTo()) === upTo;
    for (const [name, table] of tables) await table.compareOpen(books[name].held, last, isStill, report);
    await this.reportAdded(tables, last, isStill, report);
    const periods = tables.reduce((sum, [, { expected }]) => sum + expected, 0);
    return { entries, periods, differencesInAll, isBehind };
  }

  private tables(): [keyof Books, PeriodTable][] {
    return Object.entries(PERIOD_TABLES).map(([name, table]) => [
      name as keyof Books,
      new PeriodTable(this.database, table),
    ]);
  }

  /** The product's own events, in the log's order. */
  private async *log(): AsyncGenerator<StoredEvent[], void, undefined> {
    for await (const batch of batchesOf(this.store)) yield batch.filter(({ type }) => type !== FOREIGN);
  }

  private async shownUpTo(): Promise<string | null> {
    const [checkpoint] = await readCheckpoints(this.database.kysely<CheckpointTables>(), [HISTORY]);
    return checkpoint?.position ?? null;
  }

  private async compareEntries(rows: readonly EntryRow[], report: (one: Difference) => void): Promise<void> {
    if (rows.length === 0) return;
    const { rows: differing } = await sql<Found<EntryRow>>`
      select to_json(wanted) as wanted, case when found.number is null then null else to_json(found) end as found
      from json_populate_recordset(null::history_entry, ${JSON.stringify(rows)}::json) wanted
        left join history_entry found on found.number = wanted.number
      where found.number is null or found::text is distinct from wanted::text order by wanted.number`.execute(
      this.database.kysely(),
    );
    for (const { wanted, found } of differing) {
      const [table, key] = ['history_entry', String(wanted.number)];
      const fields = found ? fieldsThatDiffer(wanted, found) : [];
      if (!found) report({ table, key, what: 'missing', fields });
      else if (fields.length > 0) report({ table, key, what: 'changed', fields });
    }
  }

  /** Reports rows that the log gives no reason for. Rows after the last event count only if nothing moved meanwhile. */
  private async reportAdded(
    tables: readonly [keyof Books, PeriodTable][],
    last: number,
    isStill: () => Promise<boolean>,
    report: (one: Difference) => void,
  ): Promise<void> {
    for await (const number of this.entriesOutside(last))
      if (number < 0 || (await isStill()))
        report({ table: 'history_entry', key: String(number), what: 'added', fields: [] });
    const suspect: [keyof Books, PeriodTable][] = [];
    for (const [name, table] of tables) if (await table.hasMore(last, isStill)) suspect.push([name, table]);
    if (suspect.length === 0) return;
    const known = await this.keysOf(
      suspect.map(([name]) => name),
      last,
    );
    for (const [name, table] of suspect)
      for await (const { key, from_number: from } of table.rowsOutside(known[name]))
        if (from <= last || (await isStill()))
          report({ table: table.name, key: `${key} from ${String(from)}`, what: 'added', fields: [] });
  }

  private async *entriesOutside(last: number): AsyncGenerator<number, void, undefined> {
    for (let after = Number.MIN_SAFE_INTEGER, isFull = true; isFull;) {
      const { rows } = await sql<{ number: number }>`
        select number::float8 as number from history_entry
        where number > ${after}::float8::bigint and (number < 0 or number > ${last}::float8::bigint)
        order by history_entry.number limit ${ROWS_AT_ONCE}`.execute(this.database.kysely());
      yield* rows.map(({ number }) => number);
      after = rows.at(-1)?.number ?? after;
      isFull = rows.length === ROWS_AT_ONCE;
    }
  }

  /** Folds once more, for the keys of each period of some tables, because only a table with too many rows needs them. */
  private async keysOf(names: readonly (keyof Books)[], last: number): Promise<Record<keyof Books, Set<string>>> {
    const keys = { grants: new Set<string>(), offers: new Set<string>(), exceptions: new Set<string>() };
    const all = { ...keys, definitions: new Set<string>(), scopes: new Set<string>(), names: new Set<string>() };
    const [numbering, books] = [new EntryNumbering(), emptyBooks()];
    for await (const events of this.log()) {
      const rows = events.map((event) => numbering.next(event)).filter(({ number }) => number <= last);
      fold(events.slice(0, rows.length), rows, books);
      for (const name of names)
        for (const { key, from_number: from } of books[name].settle().opened) all[name].add(`${key} ${String(from)}`);
      if (rows.length < events.length) break;
    }
    return all;
  }
}

const PERIOD_TABLES: Readonly<Record<keyof Books, string>> = {
  grants: 'grant_period',
  offers: 'offer_period',
  exceptions: 'exception_period',
  definitions: 'role_definition_period',
  scopes: 'scope_period',
  names: 'person_name_period',
};

function emptyBooks(): Books {
  const empty = <Row extends Period>(): PeriodBook<Row> => new PeriodBook<Row>([]);
  return {
    grants: empty(),
    offers: empty(),
    exceptions: empty(),
    definitions: empty(),
    scopes: empty(),
    names: empty(),
  };
}

function fold(events: readonly StoredEvent[], rows: readonly EntryRow[], books: Books): void {
  for (const [n, event] of events.entries()) {
    const row = rows[n];
    if (!row) throw new TypeError('the event has no number');
    foldEvent(event, { number: row.number, at: row.effective_at, eventId: row.event_id }, books);
  }
}
