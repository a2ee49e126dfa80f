import { Gatherer } from './gatherer.js';

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Options<Item, Result> {
  /** Batches under way at once. */
  lanes: number;
  /** Items in one batch. */
  most: number;
  /** One result per item, in order. When it throws, everybody in the batch hears of it. */
  run: (items: Item[]) => Promise<readonly Result[]>;
}

/** Does many callers' work in one go: what is asked for while a batch is under way makes the next one. */
export class GatheredCalls<Item, Result> {
  private readonly gatherer: Gatherer<Waiting<Item, Result>>;

  constructor(private readonly options: Options<Item, Result>) {
    const { lanes, most } = options;
    this.gatherer = new Gatherer(lanes, (queue) => ({ batch: queue.slice(0, most), rest: queue.slice(most) }), (batch) => this.settle(batch));
  }

  /** One result per item, in order. A batch starts after the calls it answers. @throws whatever `run` throws */
  async call(items: readonly Item[]): Promise<Result[]> {
    const calls = items.map((item) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      return { waiting: { item, resolve, reject }, promise };
    });
    if (calls.length > 0) this.gatherer.add(calls.map(({ waiting }) => waiting));
    return Promise.all(calls.map(({ promise }) => promise));
  }

  private async settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, n) => { resolve(results[n] as Result); });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
