/** Lets work under the same key follow one another, in the order it came, in this process. */
export class Turns {
  private readonly turns = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as the work does, when its turn is over. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.turns.get(key) ?? Promise.resolve()).then(work);
    const over = turn.catch(() => undefined);
    this.turns.set(key, over);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === over) this.turns.delete(key);
    }
  }
}
