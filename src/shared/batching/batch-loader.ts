import { Batcher } from './batcher.js';

interface Options<Row> {
  /** Maximum number of queries that run at once. */
  maxConcurrentBatches: number;
  /** Maximum number of keys in one query. */
  maxBatchSize: number;
  /** Reads the rows of distinct keys. */
  query: (keys: string[]) => Promise<Row[]>;
  keyOf: (row: Row) => string;
}

/**
 * Reads rows by key. One query serves the keys of many callers. It starts after the calls it serves, so each caller
 * sees what was stored before its call.
 * Callers share the row objects and must not change them.
 */
export class BatchLoader<Row> {
  private readonly calls: Batcher<string, readonly Row[]>;

  constructor({ maxConcurrentBatches, maxBatchSize, query, keyOf }: Options<Row>) {
    const run = async (keys: string[]): Promise<readonly Row[][]> => {
      const byKey = Map.groupBy(await query([...new Set(keys)]), keyOf);
      return keys.map((key) => byKey.get(key) ?? []);
    };
    this.calls = new Batcher<string, readonly Row[]>({ maxConcurrentBatches, maxBatchSize, run });
  }

  /**
   * Returns the rows of each key in the query's order; every requested key has an entry.
   * @throws what the query throws
   */
  async read(keys: Iterable<string>): Promise<Map<string, readonly Row[]>> {
    const distinct = [...new Set(keys)];
    const rows = await this.calls.call(distinct);
    return new Map(distinct.map((key, n) => [key, rows[n] ?? []]));
  }
}
