import { TUNING } from './tuning.js';

/** Limits the time to collect a batch as well, because an iteration with heavy work is long. */
const COLLECT_MAX_MS = 2;

/**
 * Queues items and runs them in batches, up to `maxConcurrentBatches` at once. `take` removes the next batch from the
 * queue, at least one item.
 * `run` settles the items of its batch itself and never rejects.
 */
export class BatchQueue<Item> {
  private queue: Item[] = [];
  private underWay = 0;
  private scheduled = false;
  private waitingForIdle: (() => void)[] = [];

  constructor(
    private readonly maxConcurrentBatches: number,
    private readonly take: (queue: Item[]) => { batch: Item[]; rest: Item[] },
    private readonly run: (batch: Item[]) => Promise<void>,
  ) {}

  add(items: readonly Item[]): void {
    for (const item of items) this.queue.push(item);
    this.schedule();
  }

  /** Resolves when nothing is queued or running. */
  async whenIdle(): Promise<void> {
    if (this.queue.length === 0 && this.underWay === 0) return;
    await new Promise<void>((resolve) => this.waitingForIdle.push(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.underWay >= this.maxConcurrentBatches) return;
    this.scheduled = true;
    const late = performance.now() + COLLECT_MAX_MS;
    const collect = (iterations: number): void => {
      setImmediate(() => {
        if (iterations > 1 && performance.now() < late) {
          collect(iterations - 1);
          return;
        }
        this.scheduled = false;
        this.start();
      });
    };
    collect(TUNING.batchLoopIterations.value);
  }

  private start(): void {
    const { batch, rest } = this.take(this.queue);
    this.queue = rest;
    this.underWay += 1;
    void this.run(batch).finally(() => {
      this.underWay -= 1;
      if (this.queue.length > 0) this.schedule();
      else if (this.underWay === 0)
        this.waitingForIdle.splice(0).forEach((resolve) => {
          resolve();
        });
    });
    if (this.queue.length > 0) this.schedule();
  }
}
