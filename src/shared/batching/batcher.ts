import { BatchQueue } from './batch-queue.js';

/** An item of a call, with the functions that settle its result. */
export interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Returns one promise for all items of a call. It resolves with their results in order when the last item has its own.
 */
export async function whenAll<Item, Result>(
  items: readonly Item[],
  add: (waiting: Waiting<Item, Result>[]) => void,
): Promise<Result[]> {
  if (items.length === 0) return [];
  return new Promise((done, reject) => {
    const results = new Array<Result>(items.length);
    let open = items.length;
    add(
      items.map((item, n) => ({
        item,
        resolve: (result) => {
          results[n] = result;
          open -= 1;
          if (open === 0) done(results);
        },
        reject,
      })),
    );
  });
}

interface Options<Item, Result> {
  /** Maximum number of batches that run at once. */
  maxConcurrentBatches: number;
  /** Maximum number of items in one batch. */
  maxBatchSize: number;
  /** Returns one result per item, in order. When it throws, every call of the batch fails. */
  run: (items: Item[]) => Promise<readonly Result[]>;
}

/** Runs the work of many callers in batches. Calls that arrive while the batches run form the next one. */
export class Batcher<Item, Result> {
  private readonly batchQueue: BatchQueue<Waiting<Item, Result>>;

  constructor(private readonly options: Options<Item, Result>) {
    const { maxConcurrentBatches, maxBatchSize } = options;
    this.batchQueue = new BatchQueue(
      maxConcurrentBatches,
      (queue) => ({ batch: queue.slice(0, maxBatchSize), rest: queue.slice(maxBatchSize) }),
      (batch) => this.runBatch(batch),
    );
  }

  /**
   * Returns one result per item, in order. A batch starts after the calls it serves.
   * @throws what `run` throws
   */
  async call(items: readonly Item[]): Promise<Result[]> {
    return whenAll(items, (waiting) => {
      this.batchQueue.add(waiting);
    });
  }

  private async runBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, n) => {
        resolve(results[n] as Result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
