/**
 * Gathers items while up to `lanes` earlier batches are under way. `take` removes the next batch from the queue
 * (at least one item), `run` settles the batch's items itself and never rejects.
 */
export class Gatherer<Item> {
  private queue: Item[] = [];
  private underWay = 0;
  private scheduled = false;
  private waitingForQuiet: (() => void)[] = [];

  constructor(
    private readonly lanes: number,
    private readonly take: (queue: Item[]) => { batch: Item[]; rest: Item[] },
    private readonly run: (batch: Item[]) => Promise<void>,
  ) {}

  add(items: readonly Item[]): void {
    for (const item of items) this.queue.push(item);
    this.schedule();
  }

  /** Resolves when nothing is queued or under way. */
  async quiet(): Promise<void> {
    if (this.queue.length === 0 && this.underWay === 0) return;
    await new Promise<void>((resolve) => this.waitingForQuiet.push(resolve));
  }

  /** Not at once: callers answered by the same batch come back in the same turn of the event loop. */
  private schedule(): void {
    if (this.scheduled || this.underWay >= this.lanes) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    const { batch, rest } = this.take(this.queue);
    this.queue = rest;
    this.underWay += 1;
    void this.run(batch).finally(() => {
      this.underWay -= 1;
      if (this.queue.length > 0) this.schedule();
      else if (this.underWay === 0) this.waitingForQuiet.splice(0).forEach((resolve) => { resolve(); });
    });
    if (this.queue.length > 0) this.schedule();
  }
}
