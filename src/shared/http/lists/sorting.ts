import { sql, type RawBuilder } from 'kysely';
import { RuleBroken } from '../../problems/problem-codes.js';
import { pageOf, readCursor, type Page } from './pagination.js';

/** What a list can be sorted by: an expression that is never null, and what it is in a cursor. The row's id settles ties. */
export interface SortColumn {
  value: RawBuilder<unknown>;
  kind: 'time' | 'text';
}

/** A list in one order. `-name` is descending. */
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

  /** To be selected as `sort_key`: what the cursor is made of. */
  get key(): RawBuilder<string> {
    return this.column.kind === 'time' ? sql<string>`${this.column.value}::text` : sql<string>`${this.column.value}`;
  }

  /** For `order by`. */
  get order(): RawBuilder<unknown> {
    return this.descending ? sql`${this.column.value} desc, ${this.id} desc` : sql`${this.column.value}, ${this.id}`;
  }

  /** What comes after the cursor; null for the first page. @param storedId undoes what `page` did to the id @throws RuleBroken `invalid-input` for a cursor of another order */
  after(cursor: string | undefined, storedId: (id: string) => string = asItIs): RawBuilder<boolean> | null {
    const key = readCursor(cursor, ['text', this.column.kind, 'uuid']);
    if (!key) return null;
    const [sort, value, id = ''] = key;
    if (sort !== this.sort)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'cursor', message: 'must be a nextCursor of this list in this order' }],
      });
    const last = this.column.kind === 'time' ? sql`${value}::timestamptz` : sql`${value}::text`;
    const [beyond, from] = this.descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
    // The first condition follows from the second, and leads an index to the place also where the id is another table's.
    return sql<boolean>`(${this.column.value} ${from} ${last} and (${this.column.value}, ${this.id}) ${beyond} (${last}, ${storedId(id)}::uuid))`;
  }

  /** Cuts a page out of `limit + 1` rows. @param shownId what the cursor holds in place of a row's id */
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

/** The words for a list's parameter `sort`. */
export function sortWords<Name extends string>(...names: readonly Name[]): (Name | `-${Name}`)[] {
  return names.flatMap((name) => [name, `-${name}` as const]);
}
