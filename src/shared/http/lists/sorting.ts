import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely';
import { RuleBroken } from '../../problems/problem-codes.js';
import { FIELD_MESSAGES } from '../field-messages.js';
import { pageOf, readCursor, type Page } from './pagination.js';

/** A column that a list can be sorted by. Its expression is never null; the row's id breaks ties. */
export interface SortColumn {
  value: RawBuilder<unknown>;
  kind: 'time' | 'text';
}

/** Sorts and pages a list in one order. `-name` is descending. */
export class Sorting<Name extends string> {
  private readonly column: SortColumn;
  private readonly descending: boolean;

  constructor(
    private readonly sort: Name | `-${Name}`,
    columns: Readonly<Record<Name, SortColumn>>,
    private readonly id: RawBuilder<unknown>,
  ) {
    this.descending = sort.startsWith('-');
    this.column = columns[(this.descending ? sort.slice(1) : sort) as Name];
  }

  /** The value to select as `sort_key`, which the cursor holds. */
  get key(): RawBuilder<string> {
    return this.column.kind === 'time' ? sql<string>`${this.column.value}::text` : sql<string>`${this.column.value}`;
  }

  /** The expression for `order by`. */
  get order(): RawBuilder<unknown> {
    return this.descending ? sql`${this.column.value} desc, ${this.id} desc` : sql`${this.column.value}, ${this.id}`;
  }

  /**
   * Returns the condition for rows after the cursor; null for the first page.
   * @param storedId turns the cursor's id back into the row's id
   * @throws RuleBroken `invalid-input` for a cursor of another order
   */
  after(cursor: string | undefined, storedId: (id: string) => string = asItIs): RawBuilder<boolean> | null {
    const key = readCursor(cursor, ['text', this.column.kind, 'uuid']);
    if (!key) return null;
    const [sort, value, id = ''] = key;
    if (sort !== this.sort)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'cursor', message: FIELD_MESSAGES.cursorInOrder }],
      });
    const last = this.column.kind === 'time' ? sql`${value}::timestamptz` : sql`${value}::text`;
    const [beyond, from] = this.descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
    // The first condition follows from the second. It lets an index find the position even where the id is in another
    // table.
    return sql<boolean>`(${this.column.value} ${from} ${last} and (${this.column.value}, ${this.id}) ${beyond} (${last}, ${storedId(id)}::uuid))`;
  }

  /**
   * Returns one page of the rows that `all` selects, with `key` as `sort_key`.
   * @param after what `after` returned
   * @param shownId changes the row's id for the cursor
   */
  async pageOf<Tables, Table extends keyof Tables, Row extends { id: string; sort_key: string }>(
    all: SelectQueryBuilder<Tables, Table, Row>,
    after: RawBuilder<boolean> | null,
    limit: number,
    shownId?: (id: string) => string,
  ): Promise<Page<Row>> {
    const following = after ? all.where(after) : all;
    const rows = await following
      .orderBy(this.order)
      .limit(limit + 1)
      .execute();
    return this.page(rows, limit, shownId);
  }

  /**
   * Cuts a page out of `limit + 1` rows.
   * @param shownId changes the row's id for the cursor
   */
  page<Row extends { id: string; sort_key: string }>(
    rows: readonly Row[],
    limit: number,
    shownId: (id: string) => string = asItIs,
  ): Page<Row> {
    return pageOf(rows, limit, (row) => [this.sort, row.sort_key, shownId(row.id)]);
  }
}

function asItIs(id: string): string {
  return id;
}

/** Lists the allowed values of a list's parameter `sort`. */
export function sortWords<Name extends string>(...names: readonly Name[]): (Name | `-${Name}`)[] {
  return names.flatMap((name) => [name, `-${name}` as const]);
}
