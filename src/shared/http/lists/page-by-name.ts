import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import { pageOf, readCursor, type CountedPage, type PageRequest } from './pagination.js';
import { countUpToMost } from './totals.js';

/** `total` is `true`: the page says how many items the list has. */
export type PageByNameRequest = PageRequest & { total?: 'true' | 'false' | undefined };

/** One page of a list that is ordered by name. */
export class PageByName {
  private readonly after: string[] | null;

  /** @throws RuleBroken `invalid-input` for text that is no cursor of such a list */
  constructor(private readonly request: PageByNameRequest) {
    this.after = readCursor(request.cursor, ['text', 'uuid']);
  }

  /** @param all selects the whole list, with `id` and `name` */
  async of<Tables, Table extends keyof Tables, Row extends { id: string; name: string }>(
    db: Kysely<Tables>,
    all: SelectQueryBuilder<Tables, Table, Row>,
  ): Promise<CountedPage<Row>> {
    const { after, request } = this;
    const following = after ? all.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]}::uuid)`) : all;
    const page = following
      .orderBy(sql`name`)
      .orderBy(sql`id`)
      .limit(request.limit + 1);
    const [rows, counted] = await Promise.all([
      page.execute(),
      request.total === 'true' ? countUpToMost(db, sql`${all}`) : undefined,
    ]);
    return { ...pageOf(rows, request.limit, ({ name, id }) => [name, id]), ...counted };
  }
}
