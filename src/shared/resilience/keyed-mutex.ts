/** Runs calls with the same key one after the other, in the order of the calls, within this process. */
export class KeyedMutex {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as the work does. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const current = (this.last.get(key) ?? Promise.resolve()).then(work);
    const over = current.catch(() => undefined);
    this.last.set(key, over);
    try {
      return await current;
    } finally {
      if (this.last.get(key) === over) this.last.delete(key);
    }
  }
}
