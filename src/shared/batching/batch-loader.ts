import { GatheredCalls } from './batcher.js';

interface Options<Row> {
  /** Queries under way at once. */
  lanes: number;
  /** Keys in one query. */
  most: number;
  /** Distinct keys. */
  query: (keys: string[]) => Promise<Row[]>;
  keyOf: (row: Row) => string;
}

/**
 * Reads rows by key, many callers' keys in one query. A query starts after the calls it answers, so each sees what was
 * stored before it. Callers share row objects: they are not to be changed.
 */
export class GatheredReader<Row> {
  private readonly calls: GatheredCalls<string, readonly Row[]>;

  constructor({ lanes, most, query, keyOf }: Options<Row>) {
    const run = async (keys: string[]): Promise<readonly Row[][]> => {
      const byKey = Map.groupBy(await query([...new Set(keys)]), keyOf);
      return keys.map((key) => byKey.get(key) ?? []);
    };
    this.calls = new GatheredCalls<string, readonly Row[]>({ lanes, most, run });
  }

  /** The rows of each key, in the query's order; every key asked for is there. @throws whatever the query throws */
  async read(keys: Iterable<string>): Promise<Map<string, readonly Row[]>> {
    const asked = [...new Set(keys)];
    const rows = await this.calls.call(asked);
    return new Map(asked.map((key, n) => [key, rows[n] ?? []]));
  }
}
