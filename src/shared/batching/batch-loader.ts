import { Batcher } from './batcher.js';

interface Options<Row> {
  /** Queries under way at once. */
  maxConcurrentBatches: number;
  /** Keys in one query. */
  maxBatchSize: number;
  /** Distinct keys. */
  query: (keys: string[]) => Promise<Row[]>;
  keyOf: (row: Row) => string;
}

/**
 * Reads rows by key, many callers' keys in one query. A query starts after the calls it answers, so each sees what was
 * stored before it. Callers share row objects: they are not to be changed.
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

  /** The rows of each key, in the query's order; every key asked for is there. @throws whatever the query throws */
  async read(keys: Iterable<string>): Promise<Map<string, readonly Row[]>> {
    const asked = [...new Set(keys)];
    const rows = await this.calls.call(asked);
    return new Map(asked.map((key, n) => [key, rows[n] ?? []]));
  }
}
