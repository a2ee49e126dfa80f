import { sql, type SelectQueryBuilder } from 'kysely';
import { pageOf, readCursor, type Page, type PageRequest } from './pagination.js';

/** One page of a list that is ordered by name. */
export class PageByName {
  private readonly after: string[] | null;

  /** @throws RuleBroken `invalid-input` for text that is no cursor of such a list */
  constructor(private readonly request: PageRequest) {
    this.after = readCursor(request.cursor, ['text', 'uuid']);
  }

  /** @param all selects the whole list, with `id` and `name` */
  async of<Tables, Table extends keyof Tables, Row extends { id: string; name: string }>(
    all: SelectQueryBuilder<Tables, Table, Row>,
  ): Promise<Page<Row>> {
    const { after, request } = this;
    const following = after ? all.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]}::uuid)`) : all;
    const rows = await following
      .orderBy(sql`name`)
      .orderBy(sql`id`)
      .limit(request.limit + 1)
      .execute();
    return pageOf(rows, request.limit, ({ name, id }) => [name, id]);
  }
}
