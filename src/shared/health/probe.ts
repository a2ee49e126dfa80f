import { withTimeout } from '../resilience/timeouts.js';

/** A question that is asked again and again: one at a time, however many want to know and however long it takes. */
export class Probe<Seen> {
  private asked: Promise<Seen | null> | null = null;

  constructor(private readonly ask: () => Promise<Seen>) {}

  /** The answer; null when there was none in time, or an error instead. */
  async within(ms: number): Promise<Seen | null> {
    const giveUpAt = performance.now() + ms;
    this.asked ??= this.ask()
      .catch(() => null)
      .finally(() => {
        this.asked = null;
      });
    const { asked } = this;
    return withTimeout(
      { meaningOf: (error) => error as Error, withinMs: () => giveUpAt - performance.now() },
      async () => asked,
    ).catch(() => null);
  }
}
