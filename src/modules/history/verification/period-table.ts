import { sql } from 'kysely';
import type { Database } from '../../../shared/database/database.js';
import type { Period } from '../fold/period.js';
import { type Difference, fieldsThatDiffer, type Found } from './difference.js';

type Key = Pick<Period, 'key' | 'from_number'>;

const ROWS_AT_ONCE = 1000;
const ENDS: readonly string[] = ['to_number', 'to_at', 'closed_by'];

/** Compares the periods of one table with those that the log says. */
export class PeriodTable {
  /** How many periods the log says so far. */
  expected = 0;
  private found = 0;

  constructor(
    private readonly database: Database,
    readonly name: string,
  ) {}

  /** Compares periods that have ended. */
  async compare(periods: readonly Period[], report: (difference: Difference) => void): Promise<void> {
    await this.compareRows(periods, report, async () => Promise.resolve(false));
  }

  /**
   * Compares periods that are open. An event after `last` may have closed some meanwhile.
   * @param isStill whether no row can have followed after `last`
   */
  async compareOpen(
    periods: Iterable<Period>,
    last: number,
    isStill: () => Promise<boolean>,
    report: (difference: Difference) => void,
  ): Promise<void> {
    let rows: Period[] = [];
    const hasEndedSince = async ({ to_number: to }: Period, fields: readonly string[]): Promise<boolean> =>
      to !== null && to > last && fields.every((field) => ENDS.includes(field)) && !(await isStill());
    for (const period of periods) {
      rows.push(period);
      if (rows.length < ROWS_AT_ONCE) continue;
      await this.compareRows(rows, report, hasEndedSince);
      rows = [];
    }
    await this.compareRows(rows, report, hasEndedSince);
  }

  /**
   * Whether the table has more rows than were found for the log's periods.
   * @param isStill whether no row can have followed after `last`
   */
  async hasMore(last: number, isStill: () => Promise<boolean>): Promise<boolean> {
    const { rows } = await sql<{ until: number; later: number }>`
      select count(*) filter (where from_number <= ${last}::float8::bigint)::float8 as until,
        count(*) filter (where from_number > ${last}::float8::bigint)::float8 as later
      from ${sql.table(this.name)}`.execute(this.database.kysely());
    const [{ until, later } = { until: 0, later: 0 }] = rows;
    return until > this.found || (later > 0 && (await isStill()));
  }

  /** Yields the rows whose keys are not among those of the log's periods, as `<key> <from>`. */
  async *rowsOutside(keys: ReadonlySet<string>): AsyncGenerator<Key, void, undefined> {
    let after: Key = { key: '', from_number: -1 };
    for (let isFull = true; isFull;) {
      const { rows }: { rows: Key[] } = await sql<Key>`
        select key, from_number::float8 as from_number from ${sql.table(this.name)} t
        where (key, t.from_number) > (${after.key}, ${after.from_number}::float8::bigint)
        order by key, t.from_number limit ${ROWS_AT_ONCE}`.execute(this.database.kysely());
      yield* rows.filter(({ key, from_number: from }) => !keys.has(`${key} ${String(from)}`));
      after = rows.at(-1) ?? after;
      isFull = rows.length === ROWS_AT_ONCE;
    }
  }

  private async compareRows(
    periods: readonly Period[],
    report: (difference: Difference) => void,
    isExpected: (found: Period, fields: readonly string[]) => Promise<boolean>,
  ): Promise<void> {
    if (periods.length === 0) return;
    const table = sql.table(this.name);
    const { rows } = await sql<Found<Period>>`
      select to_json(wanted) as wanted, case when found.key is null then null else to_json(found) end as found
      from json_populate_recordset(null::${table}, ${JSON.stringify(periods)}::json) wanted
        left join ${table} found on found.key = wanted.key and found.from_number = wanted.from_number
      where found.key is null or found::text is distinct from wanted::text order by wanted.from_number`.execute(
      this.database.kysely(),
    );
    this.expected += periods.length;
    this.found += periods.length - rows.filter(({ found }) => found === null).length;
    for (const { wanted, found } of rows) {
      const fields = found ? fieldsThatDiffer(wanted, found) : [];
      if (found && (fields.length === 0 || (await isExpected(found, fields)))) continue;
      const key = `${wanted.key} from ${String(wanted.from_number)}`;
      report({ table: this.name, key, what: found ? 'changed' : 'missing', fields });
    }
  }
}
